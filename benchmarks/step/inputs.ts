import { join } from 'node:path';
import { Random, scope, tensor, writeSafetensors } from '@ocelli/ops';
import type { KnownFeatures } from './features.js';
import { pictureShape, pictures, pixels } from './pictures.js';
import { optConfig, type StepShape } from './settings.js';

/** Random captions as ids without the begin and end that frame them: `tokens - 2` each, the same for the same shape. */
export function captions({ batch, tokens }: StepShape): number[][] {
  const random = new Random(tokens);
  const firstWord = 4; // below are special ids
  return Array.from({ length: batch }, () =>
    Array.from({ length: tokens - 2 }, () => firstWord + random.integer(optConfig.vocab_size - firstWord)),
  );
}

/**
 * The same batch in a file for peers: `ids` `[batch, tokens]`, `features` `[batch, layers, 1, width]` and, where there are
 * enough pictures, `pixels` `[batch, 3, height, width]`. Returns its path.
 */
export async function writeInputs(
  directory: string,
  shape: StepShape,
  features: KnownFeatures,
): Promise<string> {
  const { batch, tokens } = shape;
  const path = join(directory, `inputs-${batch}x${tokens}.safetensors`);
  const { bos_token_id: begin, eos_token_id: end } = optConfig;
  await scope(() => {
    const ids = Int32Array.from(captions(shape).flatMap((caption) => [begin, ...caption, end]));
    const tensors = new Map([
      ['ids', tensor(ids, [batch, tokens])],
      ['features', tensor(features.values(batch), features.shape(batch))],
    ]);
    if (batch <= pictures) tensors.set('pixels', tensor(pixels(batch), [batch, ...pictureShape]));
    return writeSafetensors(path, tensors);
  });
  return path;
}
