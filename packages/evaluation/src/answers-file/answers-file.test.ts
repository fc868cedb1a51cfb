import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AnswersFile } from './answers-file.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-answers-'));
let files = 0;
const newPath = () => join(root, `run-${files++}`, 'answers.jsonl');
const settings = { model: 'a1', prompt: 'Describe:', decoding: { beams: 3, tokens: 30 } };

async function written(answers: Record<string, string>): Promise<string> {
  const path = newPath();
  await using file = await AnswersFile.open(path, settings);
  await Promise.all(Object.entries(answers).map(([id, answer]) => file.append(id, answer)));
  return path;
}

describe('AnswersFile', () => {
  it('goes on where a run was stopped', async () => {
    const path = await written({ one: 'a cat', two: 'a dog' });
    await using file = await AnswersFile.open<string>(path, { ...settings });
    expect(file.size).toBe(2);
    expect(file.droppedBytes).toBe(0);
    expect(file.has('one')).toBe(true);
    expect(file.has('three')).toBe(false);
    expect(file.get('two')).toBe('a dog');
    await file.append('three', 'line\nbreak "quote" \u2028 \u{1F600}');
    expect([...file.entries()].map(([id]) => id)).toEqual(['one', 'two', 'three']);
    await file.close();
    await using again = await AnswersFile.open<string>(path, settings);
    expect(again.get('three')).toBe('line\nbreak "quote" \u2028 \u{1F600}');
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(5); // header, three answers, the end
  });

  it('is on the disk when append resolves, and not half a line earlier', async () => {
    const path = newPath();
    await using file = await AnswersFile.open(path, settings);
    await file.append('x', { answer: 'yes', tokens: [1, 2] });
    expect(readFileSync(path, 'utf8').endsWith('{"id":"x","answer":{"answer":"yes","tokens":[1,2]}}\n')).toBe(
      true,
    );
    expect(existsSync(`${path}.lock`)).toBe(true);
    await file.close();
    await file.close();
    expect(existsSync(`${path}.lock`)).toBe(false);
    await expect(file.append('y', 'no')).rejects.toThrow('is closed; open it again');
  });

  it('drops a torn last line, wherever it was torn, and says so', async () => {
    const path = await written({ one: 'a cat', two: 'a dog' });
    const whole = readFileSync(path);
    const secondAnswer = whole.lastIndexOf('\n', whole.length - 2) + 1;
    for (let length = whole.length - 1; length > secondAnswer; length -= 3) {
      writeFileSync(path, whole.subarray(0, length));
      await using file = await AnswersFile.open(path, settings);
      expect([...file.entries()]).toEqual([['one', 'a cat']]);
      expect(file.droppedBytes).toBe(length - secondAnswer);
      expect(statSync(path).size).toBe(secondAnswer);
      await file.append('two', 'a dog');
      await file.close();
      expect(readFileSync(path)).toEqual(whole);
    }
  });

  it('starts anew if not even its first line is whole', async () => {
    const path = await written({});
    const whole = readFileSync(path);
    for (const length of [0, 5, 30, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, length));
      await using file = await AnswersFile.open(path, settings);
      expect(file.droppedBytes).toBe(length);
      await file.close();
      expect(readFileSync(path)).toEqual(whole);
    }
  });

  it('drops what a power failure left: zeros, whole lines of them too', async () => {
    const path = await written({ one: 'a cat' });
    const { size } = statSync(path);
    appendFileSync(path, `${'\0'.repeat(20)}\n${'\0'.repeat(300)}`);
    await using file = await AnswersFile.open(path, settings);
    expect(file.size).toBe(1);
    expect(file.droppedBytes).toBe(321);
    expect(statSync(path).size).toBe(size);
  });

  it('refuses damage that no crash makes, and changes nothing', async () => {
    const path = await written({ one: 'a cat', two: 'a dog' });
    const lines = readFileSync(path, 'utf8').split('\n');
    const refuse = async (text: string, message: string) => {
      writeFileSync(path, text);
      await expect(AnswersFile.open(path, settings)).rejects.toThrow(message);
      expect(readFileSync(path, 'utf8')).toBe(text);
      expect(existsSync(`${path}.lock`)).toBe(false);
    };
    await refuse(
      [lines[0], '{"id":"one', lines[2], ''].join('\n'),
      'line 2: is not JSON, but lines after it are;',
    );
    await refuse(
      [lines[0], lines[1], lines[1], ''].join('\n'),
      'line 3: has the id "one" again; mend or remove',
    );
    await refuse([lines[0], '{"id":3,"answer":"x"}', ''].join('\n'), 'line 2: has no id and answer;');
    await refuse('{"some":"other file"}\n', 'line 1: is no header of an answers file of version 1;');
    await refuse('my notes', 'line 1: is no header');
    await refuse('my\nnotes\n', 'line 1: is no header');
  });

  it('refuses answers of other settings and names what differs', async () => {
    const path = await written({ one: 'a cat' });
    const other = { ...settings, model: 'b2', decoding: { tokens: 30, beams: 1 } };
    await expect(AnswersFile.open(path, other)).rejects.toThrow(
      'answers of a run with other settings: decoding {"beams":3,"tokens":30}, now {"beams":1,"tokens":30}; model "a1", now "b2"; go on with',
    );
    await expect(AnswersFile.open(path, { ...settings, seed: 1 })).rejects.toThrow('seed nothing, now 1;');
    // The order of keys does not matter, nor does a key without a value.
    const same = { prompt: 'Describe:', decoding: { tokens: 30, beams: 3 }, model: 'a1', extra: undefined };
    await (await AnswersFile.open(path, same)).close();
  });

  it('answers an id once, also when asked twice at a time', async () => {
    const path = newPath();
    await using file = await AnswersFile.open(path, settings);
    const both = await Promise.allSettled([file.append('one', 'a'), file.append('one', 'b')]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await expect(file.append('one', 'c')).rejects.toThrow('has an answer to "one" already; ask has(id)');
    await expect(file.append('two', undefined as unknown as string)).rejects.toThrow(
      'is undefined; pass what JSON',
    );
    await expect(file.append(3 as unknown as string, 'x')).rejects.toThrow('id is number 3; pass a string');
    expect(file.get('one')).toBe('a');
    expect(file.size).toBe(1);
  });

  it('is written by one process at a time, and taken over from one that died', async () => {
    const path = newPath();
    await using file = await AnswersFile.open(path, settings);
    await expect(AnswersFile.open(path, settings)).rejects.toThrow(`process ${process.pid} is writing`);
    await file.close();
    writeFileSync(`${path}.lock`, '1\n'); // the first process of the machine always runs
    await expect(AnswersFile.open(path, settings)).rejects.toThrow('process 1 is writing');
    const dead = spawn(process.execPath, ['-e', '']);
    await new Promise((done) => dead.on('close', done));
    writeFileSync(`${path}.lock`, `${dead.pid}\n`);
    await (await AnswersFile.open(path, settings)).close();
    writeFileSync(`${path}.lock`, '');
    await (await AnswersFile.open(path, settings)).close();
  });

  it('loses nothing that was acknowledged when killed at random, and repeats nothing', async () => {
    const path = newPath();
    const acknowledged = new Set<string>();
    const module = new URL('./answers-file.ts', import.meta.url).href;
    for (let round = 0; round < 6; round++) {
      const child = await runWriter(module, path, acknowledged);
      await new Promise((done) => setTimeout(done, 20 + 37 * round));
      child.kill('SIGKILL');
      await new Promise((done) => child.on('close', done));
    }
    await using file = await AnswersFile.open<number>(path, settings);
    expect(acknowledged.size).toBeGreaterThan(20);
    for (const id of acknowledged) expect(file.has(id), id).toBe(true);
    // Ids count up, so that every run began where the last had stopped.
    expect([...file.entries()]).toEqual(Array.from({ length: file.size }, (_, i) => [`${i}`, i]));
  });
});

/** A process that answers 0, 1, 2 ... and prints each number once it is acknowledged. Resolves at its first. */
function runWriter(module: string, path: string, acknowledged: Set<string>): Promise<ChildProcess> {
  const program = `
    const { AnswersFile } = await import(${JSON.stringify(module)});
    const file = await AnswersFile.open(${JSON.stringify(path)}, ${JSON.stringify(settings)});
    for (let id = file.size; ; id += 3) {
      await Promise.all([0, 1, 2].map((i) => file.append(String(id + i), id + i).then(() => process.stdout.write(id + i + '\\n'))));
    }`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((done, fail) => {
    let rest = '';
    child.on('close', (code) => fail(new Error(`ended with ${code} before its first answer`)));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) acknowledged.add(line);
      done(child);
    });
  });
}
