import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { device, OcelliError, openCheckpoint } from '@ocelli/ops';
import { loadTokenizer } from '../../src/tokenizers/tokenizer.js';
import { hostileNpz, hostilePyTorch, hostileSafetensors, hostileTokenizers } from './hostile.js';
import { Dice, mutateBytes, mutateJson } from './mutate.js';

/** A kind of file that anyone may have written. */
export interface Target {
  readonly name: string;
  readonly seeds: readonly Buffer[];
  /** Writes these bytes into the folder and reads them, all that can be read; what it throws names `path`. */
  read(folder: string, bytes: Buffer): Promise<void>;
  /** How the file is called in the folder. */
  readonly fileName: string;
  readonly mutate: (original: Buffer, others: readonly Buffer[], dice: Dice) => Buffer;
}

const files = fileURLToPath(new URL('../../../ops/test/fixtures/checkpoints/', import.meta.url));
const from = (ending: RegExp): Buffer[] =>
  readdirSync(files)
    .filter((name) => ending.test(name))
    .map((name) => readFileSync(join(files, name)));
const tokenizerFolder = fileURLToPath(new URL('../fixtures/opt-text/', import.meta.url));
const tokenizer = readFileSync(join(tokenizerFolder, 'tokenizer.json'));

function checkpoint(name: string, fileName: string, seeds: readonly Buffer[]): Target {
  return {
    name,
    fileName,
    seeds,
    mutate: mutateBytes,
    async read(folder, bytes) {
      const path = join(folder, fileName);
      writeFileSync(path, bytes);
      const file = openCheckpoint(path);
      for (const tensor of file.tensors.keys()) {
        try {
          file.load(tensor).dispose();
        } catch (error) {
          // A type that the device has not; the next tensor may be sound.
          if (!(error instanceof OcelliError) || !error.message.includes(path)) throw error;
        }
      }
      await device.synchronize().catch((error: Error) => {
        // The values are not the reader's business.
        if (!error.message.includes('does not fit in int32')) throw error;
      });
    },
  };
}

/** Everything that is fuzzed, by name. */
export const targets: readonly Target[] = [
  checkpoint('safetensors', 'case.safetensors', [...from(/\.safetensors$/), ...hostileSafetensors()]),
  checkpoint('npz', 'case.npz', [...from(/\.npz$/), ...hostileNpz()]),
  checkpoint('pickle', 'case.pth', [...from(/\.pth$/), ...hostilePyTorch()]),
  {
    name: 'tokenizer',
    fileName: 'tokenizer.json',
    seeds: [tokenizer, tokenizer, ...hostileTokenizers(tokenizer)],
    mutate(original, others, dice) {
      // Hostile seeds are not JSON of a tokenizer: any bytes of them change.
      return others.indexOf(original) < 2
        ? mutateJson(original, others, dice)
        : mutateBytes(original, others, dice);
    },
    async read(folder, bytes) {
      writeFileSync(join(folder, 'tokenizer.json'), bytes);
      const found = loadTokenizer(folder);
      found.decode(found.encode('A cat 2 ä</s>\u0000 \ud83d\ude00'));
    },
  },
];

/** What a case did. */
export interface CaseResult {
  readonly outcome: 'read' | 'refused';
  readonly milliseconds: number;
}

/**
 * Case number `index` of a target: a seed as it is for the first ones, then damaged ones. Throws where the reader did anything
 * but read the file or refuse it by an `OcelliError` with the file's name: took too much memory of the device, touched a
 * prototype, failed in another way.
 */
export async function runCase(target: Target, folder: string, index: number): Promise<CaseResult> {
  mkdirSync(folder, { recursive: true });
  const { seeds } = target;
  const dice = new Dice(index);
  const bytes = index < seeds.length ? seeds[index]! : target.mutate(dice.pick(seeds), seeds, dice);
  device.resetPeakMemory();
  const before = device.memory().allocated;
  const begin = performance.now();
  let outcome: CaseResult['outcome'] = 'read';
  try {
    await target.read(folder, bytes);
  } catch (error) {
    if (!(error instanceof OcelliError) || !error.message.includes(folder)) throw error;
    outcome = 'refused';
  }
  const milliseconds = performance.now() - begin;
  const taken = device.memory().peak - before;
  // A tensor and its form in another type: up to four times the bytes of bfloat16 or bool; deflate makes 1032 of one.
  const most = 65_536 + bytes.length * 8 * (target.name === 'npz' ? 1032 : 1);
  if (taken > most) throw new Error(`took ${taken} bytes of the device for a file of ${bytes.length}`);
  if ('polluted' in {} || Object.keys(Object.prototype).length > 0)
    throw new Error('a prototype was changed');
  return { outcome, milliseconds };
}
