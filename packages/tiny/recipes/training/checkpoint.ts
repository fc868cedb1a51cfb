import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type AdamW, readSafetensors, type Tensor, writeSafetensors } from '@ocelli/ops';

/** What training has to remember: everything else follows from the seed and the step's number. */
export interface TrainingState {
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly optimizer: AdamW;
}

/** Writes parameters, moments and the number of steps done to one file, atomically. */
export async function saveCheckpoint(path: string, { parameters, optimizer }: TrainingState, steps: number) {
  mkdirSync(dirname(path), { recursive: true });
  const state = optimizer.state();
  const tensors = new Map([...parameters, ...state.tensors]);
  await writeSafetensors(path, tensors, {
    metadata: { steps: String(steps), optimizerSteps: JSON.stringify(state.steps) },
  });
}

/** Takes up a checkpoint if there is one. Returns the number of steps done. */
export async function loadCheckpoint(
  path: string,
  { parameters, optimizer }: TrainingState,
): Promise<number> {
  if (!existsSync(path)) return 0;
  const file = readSafetensors(path);
  for (const [name, parameter] of parameters) {
    using saved = file.load(name);
    parameter.write(await saved.data());
  }
  const moments = new Map([...optimizer.state().tensors.keys()].map((name) => [name, file.load(name)]));
  optimizer.restore({ tensors: moments, steps: JSON.parse(file.metadata.optimizerSteps!) as number[] });
  for (const tensor of moments.values()) tensor.dispose();
  return Number(file.metadata.steps);
}
