import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mean, noGrad, readSafetensors, reshape, scope, slice, type Tensor } from '@ocelli/ops';
import { expect, it } from 'vitest';
import { loadEncoder } from '../load.js';
import { type Encoder, imageSizeOf } from './encoder.js';
import { encodeFeatures } from './features.js';

const folderOf = (name: string): string =>
  fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));

/** What the fixture says of the encoder's outputs, by transformers' names. */
function stored(name: string): (tensor: string) => Tensor {
  const file = readSafetensors(join(folderOf(name), 'fixture.safetensors'));
  return (tensor) => file.load(tensor);
}

const first = (x: Tensor): Tensor => reshape(slice(x, 1, 0, 1), [x.shape[0]!, x.shape[2]!]);

async function expectClose(actual: Tensor, expected: Tensor): Promise<void> {
  expect(actual.shape).toEqual(expected.shape);
  const values = await actual.data();
  for (const [i, value] of (await expected.data()).entries()) expect(values[i]).toBeCloseTo(value, 4);
}

type Expected = (golden: (tensor: string) => Tensor, encoder: Encoder) => Tensor;

it.each<[string, string, Expected]>([
  ['vit-non-square', 'the class token', (golden) => first(golden('last_hidden_state'))],
  [
    'deit-distilled',
    'the class token, not the distillation token',
    (golden) => first(golden('last_hidden_state')),
  ],
  ['ast', 'the class token, as eP-ALM', (golden) => first(golden('last_hidden_state'))],
  ['timesformer-divided', 'the class token', (golden) => first(golden('last_hidden_state'))],
  ['dinov2-with-registers', "transformers' pooled output", (golden) => golden('pooler_output')],
  ['clip-vision', "transformers' pooled output", (golden) => golden('pooler_output')],
  ['whisper', 'the mean of all tokens', (golden) => mean(golden('last_hidden_state'), { axis: 1 })],
  [
    'timesformer-space-only',
    "the norm of the frames' mean, as the authors' code",
    (golden, encoder) => {
      const x = first(golden('hidden_states.2')); // [batch * frames, width]
      const frames = encoder.config.inputShape[0]!;
      return encoder.normalize(mean(reshape(x, [-1, frames, x.shape[1]!]), { axis: 1 }));
    },
  ],
])('the class features of %s are %s', async (name, _, expectedOf) => {
  const golden = stored(name);
  const encoder = loadEncoder(folderOf(name));
  const { config } = encoder;
  using input = golden(config.inputName);
  const [batch] = input.shape as [number];
  const features = noGrad(() => encodeFeatures(encoder, input, { layers: 2, tokens: 'class' }));
  expect(features.shape).toEqual([batch, 2, 1, config.width]);
  await expectClose(
    reshape(slice(features, 1, 1, 2), [batch, config.width]),
    scope(() => expectedOf(golden, encoder)),
  );
  const all = noGrad(() => encodeFeatures(encoder, input, { layers: 1, tokens: 'all' }));
  expect(all.shape).toEqual([batch, 1, config.tokens, config.width]);
  encoder.dispose();
});

it('reads every token of the last blocks after the final norm', async () => {
  const encoder = loadEncoder(folderOf('dinov2'));
  const golden = stored('dinov2');
  using input = golden('pixel_values');
  const features = noGrad(() => encodeFeatures(encoder, input, { layers: 2, tokens: 'all' }));
  const last = golden('last_hidden_state');
  const before = encoder.normalize(golden('hidden_states.1'));
  await expectClose(reshape(slice(features, 1, 1, 2), last.shape), last);
  await expectClose(reshape(slice(features, 1, 0, 1), last.shape), before);
  expect(() => encodeFeatures(encoder, input, { layers: 3, tokens: 'all' })).toThrow(
    '[features] the encoder has 2 blocks, 3 were asked for',
  );
  encoder.dispose();
});

it('knows the size of pictures and of the frames of videos', () => {
  const config = {
    inputName: 'pixel_values' as const,
    layers: 2,
    width: 8,
    tokens: 7,
    hasClassToken: true,
  };
  expect(imageSizeOf({ ...config, modality: 'image', inputShape: [3, 16, 24] })).toEqual([16, 24]);
  expect(imageSizeOf({ ...config, modality: 'video', inputShape: [8, 3, 16, 24] })).toEqual([16, 24]);
  expect(() => imageSizeOf({ ...config, modality: 'audio', inputShape: [16, 24] })).toThrow(
    '[encoder] this encoder takes audio, not pictures',
  );
});
