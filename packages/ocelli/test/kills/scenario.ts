import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '@ocelli/ops';
import { type CliRun, runCli } from '../run-cli.js';

/** A command that is killed and called again until it is through. */
export interface Scenario {
  readonly name: string;
  /** Its words in a folder of its own. */
  readonly words: (folder: string) => readonly string[];
  /**
   * What must never be lost once it is there: features, checkpoints, answers, each with its bytes.
   * @throws if something is there twice.
   */
  readonly kept: (folder: string) => ReadonlyMap<string, Buffer>;
  /** How much a run said on standard error to have kept, so that more cannot be missing. */
  readonly said?: (stderr: string) => number;
  /** What is left when the command is through, which is compared with what a run that nobody killed left. */
  readonly left: (folder: string) => unknown;
}

/** What happened. */
export interface KillReport {
  readonly name: string;
  readonly kills: number;
  /** How often the command got through. */
  readonly rounds: number;
  /** Kills after which more was there than before. */
  readonly fruitful: number;
}

/**
 * Kills a command at random moments, so many times in all, calling it again each time, and in a new folder when it is
 * through.
 *
 * @param same compares what a killed command left with what another left; throws if they differ.
 * @throws what was lost, repeated or different.
 */
export async function killAtRandom(
  { name, words, kept, said, left }: Scenario,
  kills: number,
  {
    root,
    random,
    built,
    same,
  }: {
    readonly root: string;
    readonly random: Random;
    /** See `runCli`. */
    readonly built: boolean;
    readonly same: (actual: unknown, expected: unknown) => void;
  },
): Promise<KillReport> {
  const folderOf = (round: string): string => {
    const folder = join(root, `${name}-${round}`);
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  const undisturbed = folderOf('undisturbed');
  const begin = performance.now();
  let start = 0;
  const onOutput = (): void => {
    start ||= performance.now() - begin;
  };
  through(await runCli(words(undisturbed), { built, onOutput }));
  let work = performance.now() - begin - start;
  const expected = left(undisturbed);
  let [killed, rounds, fruitful] = [0, 0, 0];
  while (killed < kills) {
    const folder = folderOf(`round-${rounds}`);
    let before = kept(folder);
    for (;;) {
      // When there are enough kills the round is brought to its end.
      const run = await runCli(words(folder), { built, ...(killed < kills && killing(random, start, work)) });
      const after = kept(folder);
      for (const [key, bytes] of before)
        if (!after.get(key)?.equals(bytes)) throw new Error(`${name}: ${key} was there and is lost`);
      const least = said?.(run.stderr) ?? 0;
      if (after.size < least)
        throw new Error(`${name}: said to have kept ${least}, and there are ${after.size}`);
      // The machine may be faster or slower than it was at first.
      const isFruitful = after.size > before.size;
      if (run.code !== null || !isFruitful) work *= run.code === null ? 1.3 : 0.7;
      if (run.code !== null) {
        through(run);
        break;
      }
      killed++;
      if (isFruitful) fruitful++;
      before = after;
    }
    rounds++;
    same(left(folder), expected);
  }
  return { name, kills: killed, rounds, fruitful };
}

/** Kills while the command opens what it needs (one in five), or after it has begun to work. */
function killing(random: Random, start: number, work: number): Parameters<typeof runCli>[1] {
  const moment = random.uniform();
  if (random.integer(5) === 0) return { killAfter: start * (0.5 + 0.5 * moment) };
  let hasBegun = false;
  return {
    onOutput: (_text, kill) => {
      if (hasBegun) return;
      hasBegun = true;
      setTimeout(() => kill('SIGKILL'), moment * work).unref();
    },
  };
}

function through({ code, stderr }: CliRun): void {
  if (code !== 0) throw new Error(`the command ended with ${code}: ${stderr}`);
}
