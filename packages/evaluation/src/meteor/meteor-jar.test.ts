import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sample, THREE_TOKENIZED } from '../../test/corpora.js';
import { installStandIns } from '../../test/stand-ins/index.js';
import { meteor } from './meteor.js';
import { meteorFromJar } from './meteor-jar.js';

const { java, meteorJar: jar, folder } = installStandIns();
const noFunctionWords = { functionWords: new Set<string>() };
const hasJava = spawnSync('javac', ['-version']).status === 0 && spawnSync('jar', ['--version']).status === 0;

describe('meteorFromJar', () => {
  it('scores what the jar counts, like our own counts of the same matches', async () => {
    // Words match in place here, and no stem matches: both programs find the same.
    const samples = [
      sample('a red bus', 'a red car', 'a tree'),
      sample('one two three', 'one two three', 'x'),
    ];
    const result = await meteorFromJar(samples, { jar, java });
    const own = meteor(samples, noFunctionWords);
    expect(result).toEqual({ ...own, name: 'METEOR 1.5' });
    expect(result.perSample[1]).toBe(1);
  });

  it('keeps the protocol whatever a caption holds', async () => {
    const samples = [
      { hypothesis: ['a', '|||', 'b\nEVAL'], references: [['a', 'b', 'EVAL']] },
      { hypothesis: [], references: [['a']] },
      { hypothesis: ['a'], references: [[], ['a']] },
    ];
    const { statistics } = await meteorFromJar(samples, { jar, java });
    expect(statistics.map((row) => row.slice(0, 2))).toEqual([
      [3, 3],
      [0, 1],
      [1, 1],
    ]);
  });

  it('takes thousands of captions', async () => {
    const samples = Array.from({ length: 20_000 }, (_, i) => sample(`a b ${i}`, `a b ${i % 7}`, 'c'));
    const { perSample, meteor: score } = await meteorFromJar(samples, { jar, java, memory: '512M' });
    expect(perSample).toHaveLength(20_000);
    expect(perSample[3]).toBe(1);
    expect(score).toBeCloseTo(meteor(samples, noFunctionWords).meteor, 12);
  });

  it('says what went wrong', async () => {
    const run = (own: Parameters<typeof meteorFromJar>[0], options: Parameters<typeof meteorFromJar>[1]) =>
      meteorFromJar(own, options);
    await expect(run(THREE_TOKENIZED, { jar: join(folder, 'no.jar'), java })).rejects.toThrow(
      /^\[meteorFromJar\] .*no\.jar does not exist; pass the path of the jar/,
    );
    await expect(run(THREE_TOKENIZED, { jar, java: join(folder, 'no-java') })).rejects.toThrow(
      /no-java" was not found; install a Java runtime/,
    );
    await expect(run([sample('crash', 'a')], { jar, java })).rejects.toThrow(
      'ended with code 3 and said: Exception in thread "main" java.lang.OutOfMemoryError; see whether',
    );
    await expect(run([sample('error', 'a')], { jar, java })).rejects.toThrow(
      'the jar answered "Error: specify hypothesis and at least one reference", not 23 numbers; pass meteor-1.5.jar',
    );
    await expect(run([sample('a', 'a'), sample('quit', 'a')], { jar, java })).rejects.toThrow(
      'the jar answered 1 of 2 captions;',
    );
    await expect(run([], { jar, java })).rejects.toThrow('got 0 samples;');
  });

  it('stops on a signal', async () => {
    const controller = new AbortController();
    const running = meteorFromJar(
      Array.from({ length: 200_000 }, () => sample('a', 'a')),
      { jar, java, signal: controller.signal },
    );
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });

  it.skipIf(!hasJava)('runs a real jar with a real Java', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ocelli-jar-'));
    writeFileSync(
      join(directory, 'StandIn.java'),
      `import java.io.*;
      public class StandIn {
        public static void main(String[] args) throws IOException {
          if (!String.join(" ", args).equals("- - -stdio -l en -norm")) System.exit(1);
          BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
          for (String line; (line = in.readLine()) != null; )
            System.out.println(line.startsWith("SCORE") ? "7.0 6.0 4.0 3.0 3.0 3.0 3.0 3.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 2.0 6.0 6.0" : "Error");
        }
      }`,
    );
    execFileSync('javac', ['StandIn.java'], { cwd: directory });
    execFileSync('jar', ['cfe', 'meteor-1.5.jar', 'StandIn', 'StandIn.class'], { cwd: directory });
    const samples = [sample('the cat was sat on the mat', 'the cat sat on the mat')];
    const result = await meteorFromJar(samples, { jar: join(directory, 'meteor-1.5.jar'), memory: '64M' });
    expect(result.meteor).toBeCloseTo(0.5119556177223324, 14);
  });
});
