import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Tensor, writeAtomically, writeSafetensors } from '@ocelli/ops';

/** Writes the files of a model, each whole or not at all. */
export interface ModelFolder {
  text(name: string, contents: string): Promise<void>;
  json(name: string, value: unknown): Promise<void>;
  /** `model.safetensors`, as bfloat16. */
  weights(parameters: ReadonlyMap<string, Tensor>): Promise<void>;
}

/** A folder for a model in Hugging Face's layout, made where it is not there. */
export async function modelFolder(directory: string): Promise<ModelFolder> {
  await mkdir(directory, { recursive: true });
  const text: ModelFolder['text'] = (name, contents) =>
    writeAtomically(join(directory, name), async (handle) => {
      await handle.writeFile(contents);
    });
  return {
    text,
    json: (name, value) => text(name, `${JSON.stringify(value, null, 2)}\n`),
    weights: (parameters) =>
      writeSafetensors(join(directory, 'model.safetensors'), parameters, { dtype: 'bfloat16' }),
  };
}
