import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { device, Random } from '@ocelli/ops';
import { afterAll, describe, expect, it } from 'vitest';
import { OptModel } from '../architectures/opt.js';
import type { OptConfig } from '../architectures/opt-config.js';
import { loadLanguageModel } from '../load.js';
import type { LanguageModel } from '../model/language-model.js';
import { DecodingSession } from './decoding-session.js';

/** A model that counts its forward passes, and whose steps are replayed or not. */
function counted(
  model: LanguageModel,
  capturesSteps: boolean,
): { session: DecodingSession; calls: () => number } {
  let calls = 0;
  const counting = {
    config: model.config,
    capturesSteps,
    createCache: () => model.createCache(),
    forward: (call: Parameters<LanguageModel['forward']>[0]) => {
      calls++;
      return model.forward(call);
    },
  };
  return { session: new DecodingSession(counting as unknown as LanguageModel), calls: () => calls };
}

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));

/** One whose texts are longer than the rows by which caches grow. */
function longOpt(): LanguageModel {
  const config = JSON.parse(readFileSync(join(fixture('opt-pre-norm'), 'config.json'), 'utf8')) as OptConfig;
  return OptModel.initialize({ ...config, max_position_embeddings: 200 }, new Random(4));
}

describe.each([
  ['opt', longOpt],
  ...['opt-pre-norm', 'llama-3', 'mistral', 'gpt2'].map(
    (name) => [name, () => loadLanguageModel(fixture(name))] as const,
  ),
] as const)('decoding with %s', (_, open) => {
  const model = open();
  afterAll(() => model.dispose());

  it('replays steps, which give what the forward pass gives, to the bit', async () => {
    const before = device.memory().allocated;
    const replayed = counted(model, true);
    const plain = counted(model, false);
    const prompts = [[5, 7, 9], [11]];
    let [actual, expected] = await Promise.all(
      [replayed, plain].map(({ session }) => session.begin(prompts)),
    );
    let parents = [0, 1];
    const steps = Math.min(150, model.config.maxPositions - 4);
    for (let step = 0; step < steps; step++) {
      expect(actual).toEqual(expected);
      // Now and then sequences change places, and one leaves.
      if (step === 20) parents = [1, 0];
      else if (step === 30) parents = [1];
      else parents = [...parents.keys()];
      const tokens = parents.map((parent) => (3 * step + 5 * parent + 1) % model.config.vocabularySize);
      [actual, expected] = await Promise.all(
        [replayed, plain].map(({ session }) => session.step(parents, tokens)),
      );
    }
    expect(plain.calls()).toBe(steps + 1);
    // The prompts; two steps before the first replay, and after each change; memory for 64 rows, and a capture, now and then.
    expect(replayed.calls()).toBeLessThanOrEqual(1 + 3 * 3 + 2 * 2);
    for (const { session } of [replayed, plain]) session.dispose();
    await device.synchronize();
    expect(device.memory().allocated).toBe(before);
  });

  it('does not capture the steps of beams that change places', async () => {
    const beams = counted(model, true);
    await beams.session.begin([[1], [2]]);
    for (let step = 0; step < 6; step++) await beams.session.step([1, 0], [3, 4]);
    expect(beams.calls()).toBe(7);
    beams.session.dispose();
  });
});
