import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where a run writes. */
export interface RunFiles {
  /** The finished model: `models/MODEL` with the published options, a folder under `.cache` with any others. */
  readonly directory: string;
  /** It follows from the options alone: after a change of code, delete it. */
  readonly checkpoint: string;
}

/** Files of a run that makes `model`; their folders are there afterwards. */
export function runFiles<Options>(model: string, options: Options, published: Options): RunFiles {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const text = JSON.stringify(options);
  const scratch = join(root, '.cache', model, createHash('sha256').update(text).digest('hex').slice(0, 12));
  const directory = text === JSON.stringify(published) ? join(root, 'models', model) : scratch;
  for (const folder of [scratch, directory]) mkdirSync(folder, { recursive: true });
  return { directory, checkpoint: join(scratch, 'checkpoint.safetensors') };
}
