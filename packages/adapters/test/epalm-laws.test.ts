import { readFileSync } from 'node:fs';
import { Random } from '@ocelli/ops';
import { describe, expect, it } from 'vitest';
import { createAdapter } from '../src/index.js';
import {
  backbones,
  fixturePath,
  logitsOf,
  randomFeatures,
  relativeDifference,
  sentence,
  tokenBatch,
} from './support.js';

interface Measured {
  mode: 'clean' | 'reference';
  startLayer: number;
  endLayer: number;
  lastTokenChangesEarlierLogitsBy: number;
  rightPadsChangeLogitsBy: number;
}

const { languageModel, encoder } = backbones();
const { layers, measured } = JSON.parse(readFileSync(fixturePath('epalm-laws.json'), 'utf8')) as {
  layers: number;
  measured: Measured[];
};
const { vocabularySize } = languageModel.config;

describe.each(measured)(
  'eP-ALM, $mode, layers $startLayer to $endLayer',
  ({ mode, startLayer, endLayer, ...theirs }) => {
    const leaks = mode === 'reference' && endLayer < layers;
    const config = { features: 4, startLayer, endLayer, compat: mode, prompt: { length: 2 } };
    const adapter = createAdapter('epalm', config, {
      languageModel: languageModel.config,
      encoder: encoder.config,
      random: new Random(4),
    });
    const features = randomFeatures(adapter, encoder, 2, 5);
    const random = new Random(6);
    const sentences = [sentence(random, 8), sentence(random, 8)];
    const earlier = (logits: Float32Array) =>
      [0, 1].map((row) => logits.slice(row * 8 * vocabularySize, (row * 8 + 7) * vocabularySize));

    it(`${leaks ? 'leaks' : 'does not leak'} the last token, as in PyTorch`, async () => {
      expect(theirs.lastTokenChangesEarlierLogitsBy > 1e-3).toBe(leaks);
      const before = earlier(await logitsOf(languageModel, adapter, features, tokenBatch(sentences)));
      const changed = sentences.map((words) => [...words.slice(0, -1), words.at(-1) === 60 ? 61 : 60]);
      const after = earlier(await logitsOf(languageModel, adapter, features, tokenBatch(changed)));
      if (leaks) expect(relativeDifference(after[0]!, before[0]!)).toBeGreaterThan(1e-4);
      else expect(after).toEqual(before);
    });

    it(`${leaks ? 'sees' : 'does not see'} padding, as in PyTorch`, async () => {
      expect(theirs.rightPadsChangeLogitsBy > 1e-3).toBe(leaks);
      const before = earlier(await logitsOf(languageModel, adapter, features, tokenBatch(sentences)));
      const padded = await logitsOf(languageModel, adapter, features, tokenBatch(sentences, { tokens: 12 }));
      const after = [0, 1].map((row) =>
        padded.slice(row * 12 * vocabularySize, (row * 12 + 7) * vocabularySize),
      );
      const difference = Math.max(...after.map((logits, row) => relativeDifference(logits, before[row]!)));
      if (leaks) expect(difference).toBeGreaterThan(1e-4);
      else expect(difference).toBeLessThan(1e-5);
    });
  },
);
