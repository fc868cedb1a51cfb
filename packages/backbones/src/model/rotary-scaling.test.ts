// The frequencies that transformers computes, and what it would ignore.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseRotaryScaling, type RotaryScaling, scaledRotary } from './rotary-scaling.js';

const { cases } = JSON.parse(
  readFileSync(new URL('../../test/rotary-scaling.json', import.meta.url), 'utf8'),
) as {
  cases: {
    name: string;
    headSize: number;
    maxPositions: number;
    rope_parameters: Record<string, unknown>;
    frequencies: number[];
    attentionFactor: number;
  }[];
};

describe('scaledRotary', () => {
  it.each(cases.map((testCase) => [testCase.name, testCase] as const))(
    'has the frequencies of transformers: %s',
    (_, { headSize, maxPositions, rope_parameters, frequencies, attentionFactor }) => {
      const scaling = parseRotaryScaling({ rope_parameters }, maxPositions, 'test');
      const actual = scaledRotary(scaling, headSize / 2);
      expect(actual.attentionFactor).toBeCloseTo(attentionFactor, 12);
      expect(actual.frequencies.length).toBe(frequencies.length);
      // A power of float32 there, of float64 here; a handful of roundings.
      for (const [i, expected] of frequencies.entries()) {
        expect(Math.abs(actual.frequencies[i]! - expected)).toBeLessThan(5e-7 * expected);
      }
    },
  );
});

describe('parseRotaryScaling', () => {
  const parse = (config: Parameters<typeof parseRotaryScaling>[0]): RotaryScaling =>
    parseRotaryScaling(config, 64, 'config.json');

  it('reads the keys of transformers 4 and 5 alike', () => {
    expect(parse({})).toEqual({ rope_type: 'default', rope_theta: 10_000 });
    expect(parse({ rope_theta: 5e5, rope_scaling: null })).toEqual({ rope_type: 'default', rope_theta: 5e5 });
    const linear = { rope_type: 'linear', rope_theta: 700, factor: 2 };
    expect(parse({ rope_theta: 700, rope_scaling: { type: 'linear', factor: 2 } })).toEqual(linear);
    expect(parse({ rope_theta: 3, rope_parameters: linear })).toEqual(linear);
    expect(parse({ rope_scaling: { rope_type: 'yarn', factor: 4 } })).toMatchObject({
      original_max_position_embeddings: 64,
    });
  });

  it('refuses by name what it does not run', () => {
    expect(() => parse({ rope_scaling: { type: 'longrope', short_factor: [1] } })).toThrow(
      /\[rope\] config.json: rope_scaling of type "longrope" is nothing that Ocelli runs/,
    );
    const partial = { rope_type: 'linear', factor: 2, partial_rotary_factor: 0.5 };
    expect(() => parse({ rope_parameters: partial })).toThrow(/partial_rotary_factor/);
    expect(() => parse({ rope_parameters: { rope_type: 'llama3', factor: 8 } })).toThrow(/low_freq_factor/);
    expect(() => parse({ rope_parameters: { rope_type: 'linear', factor: 0.5 } })).toThrow(/factor/);
  });
});
