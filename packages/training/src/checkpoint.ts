import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OcelliError, type Tensor, writeSafetensors } from '@ocelli/ops';
import { z } from 'zod';

const stateName = 'state.json';
const finished = /^step-(\d{6,})$/;
/** What a killed run may leave: a checkpoint half written, or one half removed. */
const leftover = /^\.step-\d{6,}\.(part|old)$/;
const kept = 2;

const stateSchema = z.object({
  format_version: z.literal(1),
  /** Finished steps; also where the schedule stands. */
  step: z.number().int().nonnegative(),
  order: z.object({
    position: z.number().int().nonnegative(),
    length: z.number(),
    batchSize: z.number(),
    seed: z.number(),
    windowBatches: z.number().nullable(),
    dropLast: z.boolean(),
    source: z.literal('task').optional(),
  }),
  /** Random numbers of a step are drawn from a stream of that step, so the seed is their whole state. */
  random: z.object({ seed: z.number() }),
  gradient_accumulation: z.number().int().positive(),
  /** Steps that the optimizer has taken, by parameter: one without a gradient takes none. */
  optimizer_steps: z.record(z.string(), z.number().int().nonnegative()),
  metrics: z.object({ examples: z.number(), loss: z.number().nullable(), seconds: z.number() }),
  /** Size in bytes of the files beside this one. */
  files: z.record(z.string(), z.number()),
});

/** Everything of a training run but its tensors. */
export type CheckpointState = Omit<z.infer<typeof stateSchema>, 'format_version' | 'files'>;

/** The tensors of a training run by file: `parameters` and `optimizer`. */
export type CheckpointTensors = Readonly<Record<'parameters' | 'optimizer', ReadonlyMap<string, Tensor>>>;

/** A complete checkpoint on disk. */
export interface Checkpoint {
  readonly directory: string;
  readonly state: CheckpointState;
  /** Paths of the safetensors files. */
  readonly files: { readonly parameters: string; readonly optimizer: string };
}

/**
 * Writes a checkpoint to `root/step-000123`: complete and on disk beside it first, then renamed. Then all but the last
 * two are removed.
 *
 * @returns the checkpoint's folder.
 */
export async function writeCheckpoint(
  root: string,
  state: CheckpointState,
  tensors: CheckpointTensors,
): Promise<string> {
  const name = checkpointName(state.step);
  const target = join(root, name);
  const temporary = join(root, `.${name}.part`);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  const files: Record<string, number> = {};
  for (const part of ['parameters', 'optimizer'] as const) {
    const file = `${part}.safetensors`;
    await writeSafetensors(join(temporary, file), tensors[part]);
    files[file] = statSync(join(temporary, file)).size;
  }
  const json = JSON.stringify({ format_version: 1, ...state, files }, null, 2);
  await writeFile(join(temporary, stateName), `${json}\n`);
  await toDisk(join(temporary, stateName));
  await toDisk(temporary);
  await remove(root, name); // of an earlier run that got as far
  await rename(temporary, target);
  await toDisk(root);
  for (const old of checkpointNames(root).slice(0, -kept)) await remove(root, old);
  return target;
}

/**
 * The checkpoint of the highest step in a folder, or null. Whatever is not complete is passed over: a run may have been
 * killed while it wrote.
 */
export function latestCheckpoint(root: string): Checkpoint | null {
  for (const name of checkpointNames(root).reverse()) {
    const checkpoint = readCheckpoint(join(root, name));
    if (checkpoint) return checkpoint;
  }
  return null;
}

/** Removes what a killed run left half done. Only one run may use a folder at a time. */
export async function removeLeftovers(root: string): Promise<void> {
  for (const name of readdirSync(root)) {
    if (leftover.test(name)) await rm(join(root, name), { recursive: true, force: true });
  }
}

function readCheckpoint(directory: string): Checkpoint | null {
  const path = join(directory, stateName);
  if (!existsSync(path)) return null;
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
  const result = stateSchema.safeParse(json);
  if (!result.success) {
    throw new OcelliError(
      'checkpoint',
      `${path} is not a state that this version of Ocelli reads; use the version that wrote it, or start anew in another ` +
        `folder:\n${z.prettifyError(result.error)}`,
    );
  }
  const { files, format_version: _, ...state } = result.data;
  for (const [name, bytes] of Object.entries(files)) {
    const file = join(directory, name);
    if (!existsSync(file) || statSync(file).size !== bytes) return null;
  }
  return {
    directory,
    state,
    files: {
      parameters: join(directory, 'parameters.safetensors'),
      optimizer: join(directory, 'optimizer.safetensors'),
    },
  };
}

function checkpointName(step: number): string {
  return `step-${String(step).padStart(6, '0')}`;
}

/** In order of steps. */
function checkpointNames(root: string): string[] {
  if (!existsSync(root)) return [];
  const stepOf = (name: string): number => Number(finished.exec(name)![1]);
  return readdirSync(root)
    .filter((name) => finished.test(name))
    .sort((a, b) => stepOf(a) - stepOf(b));
}

/** Takes the name away first, so that no half removed checkpoint is ever seen. */
async function remove(root: string, name: string): Promise<void> {
  if (!existsSync(join(root, name))) return;
  const old = join(root, `.${name}.old`);
  await rm(old, { recursive: true, force: true });
  await rename(join(root, name), old);
  await rm(old, { recursive: true, force: true });
}

/** Returns when a file's content, or a folder's list of names, is on disk. Windows cannot open folders and needs no such call. */
async function toDisk(path: string): Promise<void> {
  const isFolder = statSync(path).isDirectory();
  if (isFolder && process.platform === 'win32') return;
  const handle = await open(path, isFolder ? 'r' : 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
