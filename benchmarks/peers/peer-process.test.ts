import { expect, it } from 'vitest';
import { PeerProcess } from './peer-process.js';

/** A worker in Node that answers with these functions' results; `said` is its first line. */
const start = (said: string, answer = '() => ({})') =>
  PeerProcess.start(process.execPath, [
    '-e',
    `console.log(${JSON.stringify(said)});
     const answer = ${answer};
     require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
       const reply = answer(JSON.parse(line));
       if (reply) console.log(JSON.stringify(reply));
       else { console.error('out of luck'); process.exit(3); }
     });`,
  ]);
const hello = '{"name": "Fake", "version": "1.2"}';

it('prepares, runs, evaluates and releases', async () => {
  const worker = await start(
    hello,
    `(request) => {
      globalThis.log = [...(globalThis.log ?? []), Object.keys(request)[0]];
      if (request.prepare) return { contenders: request.prepare.case === 'linear' ? ['fake', 'fake packed'] : [] };
      if (request.run) return { seconds: request.repeats * (request.run === 'fake' ? 2 : 1) };
      if (request.evaluate) return { values: [log.length, 2.5] };
      return {};
    }`,
  );
  try {
    expect([worker.name, worker.version]).toEqual(['Fake', '1.2']);
    expect(worker.processId).toBeGreaterThan(0);
    expect(await worker.contenders({ case: 'convolution', threads: 1 })).toEqual([]);
    const [plain, packed] = await worker.contenders({ case: 'linear', threads: 1, rows: 3 });
    expect([plain!.name, packed!.name]).toEqual(['fake', 'fake packed']);
    expect([await plain!.run(3), await packed!.run(3)]).toEqual([6, 3]);
    await plain!.release();
    expect(await worker.evaluate('fake')).toEqual([6, 2.5]);
  } finally {
    await worker.stop();
  }
});

it('tells what went wrong there', async () => {
  const failing = await start(hello, `(request) => ({ error: 'no case ' + request.prepare.case })`);
  await expect(failing.contenders({ case: 'linear', threads: 1 })).rejects.toThrow(
    '[peer] Fake: no case linear',
  );
  await failing.stop();
  await failing.stop();
  const dying = await start(hello, '() => null');
  await expect(dying.contenders({ case: 'linear', threads: 1 })).rejects.toThrow(
    '[peer] Fake ended: out of luck',
  );
  await dying.stop();
});

it('says why a peer does not start', async () => {
  await expect(start('Traceback')).rejects.toThrow('answered "Traceback", not a line of JSON');
  await expect(PeerProcess.start('no-such-interpreter', [])).rejects.toThrow('ENOENT');
  await expect(PeerProcess.start(process.execPath, ['-e', 'throw new Error("not here")'])).rejects.toThrow(
    'ended',
  );
});
