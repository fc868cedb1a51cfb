import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HubServer } from '../../test/hub-server.js';
import { fromPretrained } from './from-pretrained.js';
import { isHubId, type ResolveOptions, resolveCheckpoint } from './resolve-checkpoint.js';

const token = 'hf_secret123';
let hub: HubServer;
let cacheDirectory: string;

beforeEach(async () => {
  hub = await new HubServer().start();
  cacheDirectory = mkdtempSync(join(tmpdir(), 'ocelli-hub-'));
  const weights = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index) % 251));
  for (const [name, content] of Object.entries({
    'README.md': 'Not needed.',
    'config.json': '{"model_type":"opt"}',
    'tokenizer.json': '{}',
    'tokenizer_config.json': '{"a":1}',
    'vocab.json': '{}',
    'merges.txt': '',
    'flax_model.msgpack': 'Not needed.',
    'pytorch_model.bin': 'Not needed beside safetensors.',
    'model.safetensors': weights,
  })) {
    hub.files.set(name, Buffer.from(content));
  }
  hub.large.add('model.safetensors').add('pytorch_model.bin');
});

afterEach(async () => {
  await hub.stop();
  rmSync(cacheDirectory, { recursive: true });
});

const resolveTiny = (options: ResolveOptions = {}): Promise<string> =>
  resolveCheckpoint(hub.id, { endpoint: hub.address, cacheDirectory, token, offline: false, ...options });
const repository = (): string => join(cacheDirectory, 'models--someone--tiny-model');
const blob = (name: string): string => join(repository(), 'blobs', hub.digest(name));
const weightsName = 'model.safetensors';

it('downloads what Ocelli reads into the layout of Python, once', async () => {
  const messages: string[] = [];
  const progress: [string, number, number][] = [];
  const folder = await resolveTiny({
    onMessage: (message) => messages.push(message),
    onProgress: ({ file, bytes, total }) => progress.push([file, bytes, total]),
  });
  const names = ['config.json', weightsName, 'tokenizer.json', 'tokenizer_config.json'];
  expect(folder).toBe(join(repository(), 'snapshots', hub.commit));
  expect(readdirSync(folder).sort()).toEqual([...names].sort());
  for (const name of names) {
    expect(readlinkSync(join(folder, name))).toBe(join('..', '..', 'blobs', hub.digest(name)));
    expect(readFileSync(join(folder, name))).toEqual(hub.files.get(name));
  }
  expect(readFileSync(join(repository(), 'refs', 'main'), 'utf8')).toBe(hub.commit);
  expect(readdirSync(join(repository(), 'blobs'))).toHaveLength(names.length);
  const total = names.reduce((sum, name) => sum + hub.files.get(name)!.length, 0);
  expect(messages).toEqual([`${hub.id}: 4 files, 300.0 kB, to ${folder}`]);
  expect(progress.at(-1)).toEqual([weightsName, total, total]);
  expect(progress.every(([, bytes], index) => index === 0 || bytes >= progress[index - 1]![1])).toBe(true);
  const downloads = hub.downloads();
  expect(downloads.sort()).toEqual(names.map((name) => `GET ${name}`).sort());
  await resolveTiny({ onMessage: () => expect.fail('there is nothing to say') });
  expect(hub.downloads()).toHaveLength(downloads.length);
});

it('fetches one part alone, and later the rest', async () => {
  const folder = await resolveTiny({ parts: ['tokenizer'] });
  expect(readdirSync(folder).sort()).toEqual(['config.json', 'tokenizer.json', 'tokenizer_config.json']);
  await resolveTiny();
  expect(hub.downloads().filter((one) => one.endsWith(weightsName))).toHaveLength(1);
  expect(hub.downloads()).toHaveLength(4);
});

it('takes a folder of that name first', async () => {
  expect(await resolveCheckpoint(cacheDirectory, { endpoint: hub.address })).toBe(cacheDirectory);
  expect(hub.requests).toEqual([]);
  expect(['gpt2', 'facebook/opt-1.3b', 'a/b_c'].map(isHubId)).toEqual([true, true, true]);
  const paths = ['./gpt2', '../a', '/a/b', 'a/b/c', 'a\\b', '~/a', 'a--b', 'a/..', '', 'a/', '.a/b', 'C:/x'];
  expect(paths.filter(isHubId)).toEqual([]);
  await expect(resolveCheckpoint('./nowhere')).rejects.toThrow(
    /no folder .*nowhere.*give a checkpoint folder/,
  );
});

it('goes on where a connection was cut', async () => {
  const ends = [100_000, 200_000, 250_000];
  hub.intercept = ({ path, range }, response) => {
    const end = path.endsWith(weightsName) ? ends.shift() : undefined;
    if (end === undefined) return false;
    hub.send(weightsName, range, response, end);
    return true;
  };
  const folder = await resolveTiny();
  expect(readFileSync(join(folder, weightsName))).toEqual(hub.files.get(weightsName));
  const ranges = hub.requests.filter(({ path }) => path.endsWith(weightsName)).map(({ range }) => range);
  expect(ranges).toHaveLength(4);
  const starts = ranges.map((range) => Number(/^bytes=(\d+)-$/.exec(range ?? 'bytes=0-')![1]));
  expect(starts[0]).toBe(0);
  // A cut may lose what was under way, but never more than was sent.
  for (const [index, end] of [100_000, 200_000, 250_000].entries())
    expect(starts[index + 1]).toBeLessThanOrEqual(end);
  expect(starts.at(-1)).toBeGreaterThan(0);
});

it('begins again when a server ignores the range', async () => {
  let cut = true;
  hub.intercept = ({ path }, response) => {
    if (!path.endsWith(weightsName)) return false;
    hub.send(weightsName, undefined, response, cut ? 100_000 : undefined);
    cut = false;
    return true;
  };
  expect(readFileSync(join(await resolveTiny(), weightsName))).toEqual(hub.files.get(weightsName));
});

it('leaves a partial file when it is stopped, and goes on from it', async () => {
  const controller = new AbortController();
  hub.intercept = ({ path, range }, response) => {
    if (!path.endsWith(weightsName) || controller.signal.aborted) return false;
    const content = hub.files.get(weightsName)!;
    response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 150_000));
    return range === undefined;
  };
  const reason = new Error('stopped by hand');
  const onProgress = ({ bytes }: { bytes: number }): void => {
    if (bytes > 100_000) controller.abort(reason);
  };
  await expect(resolveTiny({ signal: controller.signal, onProgress })).rejects.toBe(reason);
  const partial = readFileSync(`${blob(weightsName)}.incomplete`);
  expect(partial.length).toBeGreaterThan(90_000);
  expect(partial).toEqual(hub.files.get(weightsName)!.subarray(0, partial.length));
  hub.requests.length = 0;
  await resolveTiny();
  expect(hub.requests.find(({ path }) => path.endsWith(weightsName))?.range).toBe(`bytes=${partial.length}-`);
  expect(existsSync(`${blob(weightsName)}.incomplete`)).toBe(false);
});

it('refuses contents with another checksum', async () => {
  const right = hub.files.get(weightsName)!;
  hub.intercept = ({ path }, response) => {
    if (!path.endsWith(weightsName)) return false;
    response.writeHead(200).end(Buffer.from(right).fill(0, 5, 6));
    return true;
  };
  await expect(resolveTiny()).rejects.toThrow(
    /\[hub\] model.safetensors of .* another checksum than [0-9a-f]{64}/,
  );
  expect(
    readdirSync(join(repository(), 'blobs')).filter((name) => name.startsWith(hub.digest(weightsName))),
  ).toEqual([]);
  // A small file, by git's digest; and a partial file that something else has spoilt.
  hub.intercept = () => false;
  writeFileSync(`${blob(weightsName)}.incomplete`, 'spoilt');
  expect(readFileSync(join(await resolveTiny(), weightsName))).toEqual(right);
});

it.each([
  [Buffer.alloc(19, 'x'), /config.json of .* another checksum than [0-9a-f]{40},/],
  [Buffer.alloc(30, 'x'), /config.json of .* is longer than the 20 bytes/],
])('refuses a small file that is another', async (content, message) => {
  hub.intercept = ({ path }, response) => {
    if (!path.endsWith('/config.json')) return false;
    response.writeHead(200).end(content.length < 20 ? Buffer.concat([content, Buffer.from('y')]) : content);
    return true;
  };
  await expect(resolveTiny()).rejects.toThrow(message);
});

it('waits as long as a busy server asks', async () => {
  const refusals: number[] = [];
  hub.intercept = (_, response) => {
    if (refusals.length >= 2) return false;
    refusals.push(performance.now());
    const date = new Date(Date.now() + 1500).toUTCString(); // whole seconds
    response.writeHead(429, { 'retry-after': refusals.length === 1 ? '1' : date }).end('slow down');
    return true;
  };
  await resolveTiny();
  expect(refusals[1]! - refusals[0]!).toBeGreaterThanOrEqual(990);
});

it.each([
  [401, /refuses someone\/tiny-model \(HTTP 401\).*set HF_TOKEN/],
  [403, /HTTP 403.*ask for access at http.*someone\/tiny-model/],
  [404, /has no someone\/tiny-model with revision main \(HTTP 404\)/],
])('says what HTTP %i means, without the token', async (status, message) => {
  hub.intercept = ({ authorization }, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: `No, ${authorization}` }));
    return true;
  };
  const error = await resolveTiny().catch((caught: Error) => caught);
  expect(error).toMatchObject({ message: expect.stringMatching(message) });
  expect(inspect(error, { depth: null })).not.toContain(token);
  expect(hub.requests).toHaveLength(1);
});

it('gives the token to the hub and to no other host', async () => {
  const content = await new HubServer().start();
  try {
    content.files.set(weightsName, hub.files.get(weightsName)!);
    content.intercept = ({ path, range }, response) => {
      content.send(path.slice('/bucket/'.length), range, response);
      return true;
    };
    hub.intercept = ({ path }, response) => {
      if (!path.endsWith(weightsName)) return false;
      response.writeHead(302, { location: `${content.address}/bucket/${weightsName}` }).end();
      return true;
    };
    await resolveTiny();
    expect(content.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
    expect(new Set(hub.requests.map(({ authorization }) => authorization))).toEqual(
      new Set([`Bearer ${token}`]),
    );
  } finally {
    await content.stop();
  }
});

it('quotes no token that cannot be one', async () => {
  const error = await resolveTiny({ token: 'hf_wrong\nline' }).catch((caught: Error) => caught);
  expect(error).toMatchObject({ message: expect.stringMatching(/access token has characters/) });
  expect((error as Error).message).not.toContain('wrong');
});

it('asks nobody in offline mode', async () => {
  await expect(resolveTiny({ offline: true })).rejects.toThrow(
    /someone\/tiny-model \(revision main\) is not in the cache while offline mode is on; download it with/,
  );
  const folder = await resolveTiny({ parts: ['tokenizer'] });
  const asked = hub.requests.length;
  expect(await resolveTiny({ offline: true, parts: ['tokenizer'] })).toBe(folder);
  await expect(resolveTiny({ offline: true })).rejects.toThrow(
    /has no weights \(model.safetensors.*in the cache/,
  );
  expect(hub.requests).toHaveLength(asked);
});

it('uses what is there when the hub cannot be reached', async () => {
  const folder = await resolveTiny();
  const messages: string[] = [];
  const unreachable = {
    endpoint: 'http://127.0.0.1:9',
    onMessage: (message: string) => messages.push(message),
  };
  expect(await resolveTiny(unreachable)).toBe(folder);
  expect(messages).toEqual([
    expect.stringMatching(/cannot be reached \(.*\).*; using what was downloaded before/),
  ]);
  await expect(resolveTiny({ ...unreachable, revision: 'v2' })).rejects.toThrow(
    /cannot be reached.*check the network/,
  );
}, 30_000);

it('reads a cache that another program wrote, links broken or whole', async () => {
  const snapshot = join(repository(), 'snapshots', hub.commit);
  mkdirSync(snapshot, { recursive: true });
  mkdirSync(join(repository(), 'refs'));
  writeFileSync(join(repository(), 'refs', 'main'), hub.commit);
  writeFileSync(join(snapshot, 'config.json'), '{}');
  writeFileSync(join(snapshot, 'pytorch_model.bin.index.json'), '{"weight_map":{"a":"pytorch_model-1.bin"}}');
  await expect(resolveTiny({ offline: true })).rejects.toThrow(/has no weights/);
  writeFileSync(join(snapshot, 'pytorch_model-1.bin'), '');
  expect(await resolveTiny({ offline: true })).toBe(snapshot);
  expect(await resolveTiny({ offline: true, revision: hub.commit })).toBe(snapshot);
});

it('fetches the shards of an index and trusts no name in it', async () => {
  hub.files.delete(weightsName);
  const index = (...shards: string[]): void => {
    const map = Object.fromEntries(shards.map((shard, position) => [`tensor.${position}`, shard]));
    hub.files.set('model.safetensors.index.json', Buffer.from(JSON.stringify({ weight_map: map })));
  };
  for (const shard of ['model-1.safetensors', 'model-2.safetensors', 'unused.safetensors'])
    hub.files.set(shard, Buffer.from(shard));
  index('../../x');
  await expect(resolveTiny()).rejects.toThrow(/index.json of .* names no files/);
  index('model-3.safetensors');
  await expect(resolveTiny()).rejects.toThrow(/names model-3.safetensors/);
  index('model-1.safetensors', 'model-2.safetensors', 'model-1.safetensors');
  const folder = await resolveTiny({ parts: ['weights'] });
  expect(readdirSync(folder).sort()).toEqual([
    'config.json',
    'model-1.safetensors',
    'model-2.safetensors',
    'model.safetensors.index.json',
  ]);
});

it('says what a repository lacks', async () => {
  hub.files.delete(weightsName);
  hub.files.delete('pytorch_model.bin');
  await expect(resolveTiny()).rejects.toThrow(
    /has no weights .* choose another checkpoint .*\(it holds README.md,/,
  );
  hub.files.delete('tokenizer.json');
  hub.files.delete('merges.txt');
  await expect(resolveTiny({ parts: ['tokenizer'] })).rejects.toThrow(/has no tokenizer/);
});

it('fetches a file once for two that want it at the same time', async () => {
  const folders = await Promise.all([resolveTiny(), resolveTiny(), resolveTiny()]);
  expect(new Set(folders).size).toBe(1);
  expect(hub.downloads()).toHaveLength(4);
  expect(readFileSync(join(folders[0]!, weightsName))).toEqual(hub.files.get(weightsName));
});

it('opens a backbone by its id', async () => {
  const fixture = fileURLToPath(new URL('../../test/fixtures/opt-text', import.meta.url));
  for (const name of ['config.json', weightsName]) hub.files.set(name, readFileSync(join(fixture, name)));
  const options = { endpoint: hub.address, cacheDirectory, token, offline: false };
  const backbone = await fromPretrained(hub.id, options);
  const local = await fromPretrained(fixture);
  expect([backbone.kind, backbone.model.fingerprint]).toEqual(['languageModel', local.model.fingerprint]);
  backbone.model.dispose();
  local.model.dispose();
});
