import type { GenerationOptions } from '../pipelines/generate-texts.js';
import type { generationOptions, samplingOptions } from './adapter-options.js';
import { numberOption } from './number-option.js';
import { UsageError } from './usage-error.js';

type Name = keyof typeof generationOptions | keyof typeof samplingOptions;

/** What the options of a command that writes text ask for. Any of the sampling options turns drawing on. */
export function generationFrom(
  command: string,
  args: Partial<Record<Name, string>>,
): GenerationOptions & { readonly beams: number } {
  const read = (name: Name, minimum: number, integer = true): number | undefined =>
    numberOption(command, name, args[name], { minimum, integer });
  const beams = read('beams', 1)!;
  const temperature = read('temperature', 0, false);
  const topK = read('top-k', 1);
  const topP = read('top-p', 0, false);
  const seed = read('seed', 0);
  const penalty = read('repetition-penalty', 0, false);
  if (temperature === 0) {
    throw new UsageError(command, '--temperature is 0; leave it out to take the likeliest tokens');
  }
  if (topP !== undefined && topP > 1)
    throw new UsageError(command, `--top-p is ${topP}; give a number from 0 to 1`);
  if (penalty === 0) throw new UsageError(command, '--repetition-penalty is 0; give a number above 0');
  const draws = [temperature, topK, topP, seed].some((value) => value !== undefined);
  if (draws && beams > 1) {
    throw new UsageError(
      command,
      `--beams ${beams} searches for the likeliest text; leave it out or --temperature, --top-k, --top-p and --seed`,
    );
  }
  return {
    beams,
    maxNewTokens: read('max-new-tokens', 1)!,
    ...(draws
      ? {
          sampling: {
            seed: seed ?? 0,
            ...(temperature === undefined ? {} : { temperature }),
            ...(topK === undefined ? {} : { topK }),
            ...(topP === undefined ? {} : { topP }),
          },
        }
      : {}),
    ...(penalty === undefined ? {} : { repetitionPenalty: penalty }),
    ...(args.stop === undefined ? {} : { stop: [args.stop] }),
  };
}

/** Whether text is shown as it is written: to a person's terminal, and where it never changes afterwards. */
export function showsPieces({ beams }: { readonly beams: number }, json: boolean | undefined): boolean {
  return process.stdout.isTTY === true && beams === 1 && json !== true;
}

/** Writes pieces to standard output as they come, and a line's end. */
export async function showPieces(pieces: AsyncIterable<string>): Promise<void> {
  try {
    for await (const piece of pieces) process.stdout.write(piece);
  } finally {
    process.stdout.write('\n');
  }
}
