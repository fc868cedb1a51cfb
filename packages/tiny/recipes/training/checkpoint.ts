import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type AdamW, readSafetensors, type Tensor, writeSafetensors } from '@ocelli/ops';

/** What training has to remember: everything else follows from the seed and the step's number. */
export interface TrainingState {
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly optimizer: AdamW;
}

/** How far a run has come, its earlier processes included. */
export interface Progress {
  readonly steps: number;
  /** Time in the training loop. */
  readonly seconds: number;
  /** Tokens or pictures seen. */
  readonly seen: number;
}

/** Writes parameters, moments and progress to one file, atomically. */
export async function saveCheckpoint(
  path: string,
  { parameters, optimizer }: TrainingState,
  progress: Progress,
): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const state = optimizer.state();
  await writeSafetensors(path, new Map([...parameters, ...state.tensors]), {
    metadata: { progress: JSON.stringify(progress), optimizerSteps: JSON.stringify(state.steps) },
  });
}

/** Takes up a checkpoint if there is one, and says how far it had come. */
export async function loadCheckpoint(
  path: string,
  { parameters, optimizer }: TrainingState,
): Promise<Progress> {
  if (!existsSync(path)) return { steps: 0, seconds: 0, seen: 0 };
  const file = readSafetensors(path);
  for (const [name, parameter] of parameters) {
    using saved = file.load(name);
    parameter.write(await saved.data());
  }
  const moments = new Map([...optimizer.state().tensors.keys()].map((name) => [name, file.load(name)]));
  optimizer.restore({ tensors: moments, steps: JSON.parse(file.metadata.optimizerSteps!) as number[] });
  for (const tensor of moments.values()) tensor.dispose();
  const progress = JSON.parse(file.metadata.progress!) as Progress;
  console.log(`continuing after step ${progress.steps}`);
  return progress;
}

/** Removes the checkpoint of a run that is complete. */
export function forgetCheckpoint(path: string): void {
  rmSync(path, { force: true });
}
