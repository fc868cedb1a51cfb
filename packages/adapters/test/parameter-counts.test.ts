import { readFileSync } from 'node:fs';
import { Random } from '@ocelli/ops';
import { describe, expect, it } from 'vitest';
import { createAdapter } from '../src/index.js';
import { fixturePath } from './support.js';

interface Row {
  variant: string;
  languageModel: string;
  languageModelWidth: number;
  embeddingWidth: number;
  encoderWidth: number;
  linears: number;
  promptLength: number;
  promptMlp: boolean;
  connector: number;
  prompt: number;
  trainable: number;
}

const { rows } = JSON.parse(readFileSync(fixturePath('parameter-counts.json'), 'utf8')) as { rows: Row[] };
const depth: Readonly<Record<string, number>> = {
  'opt-350m': 24,
  'opt-1.3b': 24,
  'opt-2.7b': 32,
  'opt-6.7b': 32,
};

/** Initial values do not matter here and take long for 25 million parameters. */
class Constant extends Random {
  override uniform(): number {
    return 0.5;
  }
  override normal(): number {
    return 0;
  }
}

describe('trained parameters of the published models', () => {
  it.each(rows)('$variant has $trainable', (row) => {
    const layers = depth[row.languageModel]!;
    const config = {
      features: 6,
      endLayer: layers - 1,
      sharedProjection: row.linears === 1,
      prompt: { length: row.promptLength, mlp: row.promptMlp },
    };
    const adapter = createAdapter('epalm', config, {
      languageModel: {
        layers,
        width: row.languageModelWidth,
        embeddingWidth: row.embeddingWidth,
        heads: 32,
        vocabularySize: 50272,
        maxPositions: 2048,
        beginId: 2,
        endId: 2,
        padId: 1,
      },
      encoder: {
        modality: 'image',
        inputName: 'pixel_values',
        inputShape: [3, 224, 224],
        layers: 12,
        width: row.encoderWidth,
        tokens: 197,
        hasClassToken: true,
      },
      random: new Constant(0),
    });
    const counts = { projection: 0, prompt: 0, adapter: 0 };
    for (const { tensor, group } of adapter.parameters.values()) counts[group] += tensor.size;
    adapter.dispose();
    expect(counts).toEqual({ projection: row.connector, prompt: row.prompt, adapter: 0 });
    expect(counts.projection + counts.prompt).toBe(row.trainable);
  });
});
