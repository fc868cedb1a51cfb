import { readFileSync } from 'node:fs';
import { Random } from '@ocelli/ops';
import { describe, expect, it } from 'vitest';
import { waveform } from '../../test/waveform.js';
import { AudioProcessor } from './audio-processor.js';
import { parseAudioProcessorConfig } from './audio-processor-config.js';
import { drawSpecAugment } from './spec-augment.js';

const { cases } = JSON.parse(
  readFileSync(new URL('../../test/audio-processor.json', import.meta.url), 'utf8'),
) as {
  cases: {
    config: Record<string, unknown>;
    samples: number;
    shape: [number, number];
    frames: number[];
    data: string;
  }[];
};

const make = (json: object): AudioProcessor => new AudioProcessor(parseAudioProcessorConfig(json, 'config'));
const clip = (samples: Float32Array) => ({ samples, samplingRate: 16_000 });
const ast = { feature_extractor_type: 'ASTFeatureExtractor', max_length: 30, num_mel_bins: 20 };
const whisper = { feature_extractor_type: 'WhisperFeatureExtractor', chunk_length: 1 };

describe('AudioProcessor', () => {
  it.each(cases)(
    'answers as transformers does: $config.feature_extractor_type, $samples samples to $shape',
    async ({ config, samples, shape: [frames, bands], frames: kept, data }) => {
      const { data: features, shape } = await make(config).process(clip(waveform(samples)));
      const isWhisper = config.feature_extractor_type === 'WhisperFeatureExtractor';
      expect(shape).toEqual(isWhisper ? [bands, frames] : [frames, bands]);
      const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
      for (const [i, expected] of new Float32Array(bytes.buffer).entries()) {
        const [frame, band] = [kept[Math.floor(i / bands)]!, i % bands];
        const value = features[isWhisper ? band * frames + frame : frame * bands + band]!;
        expect(Math.abs(value - expected), `frame ${frame}, band ${band}`).toBeLessThan(1e-4);
      }
    },
  );

  it('puts clips of any length into a batch', async () => {
    const processor = make(ast);
    const clips = [waveform(9000), waveform(0), new Float32Array(4000)].map(clip);
    const batch = await processor.processBatch(clips);
    expect(batch.shape).toEqual([3, 30, 20]);
    const data = (await batch.data()) as Float32Array;
    for (const [i, one] of clips.entries())
      expect((await processor.process(one)).data).toEqual(data.slice(i * 600, (i + 1) * 600));
    const scaled = (energy: number) => (energy + 4.2677393) / (2 * 4.5689974);
    expect(data[600]).toBeCloseTo(scaled(0), 5); // nothing: filled up
    expect(data[1200]).toBeCloseTo(scaled(Math.log(2 ** -23)), 5); // silence: the floor
    const silence = await make(whisper).process(clip(new Float32Array(0)));
    expect(new Set(silence.data)).toEqual(new Set([-1.5]));
  });

  it('hides what a mask covers, before normalisation', async () => {
    const [plain, masked] = [make({ ...ast, do_normalize: false }), make(ast)];
    const mask = { bands: { begin: 3, end: 5 }, frames: { begin: 10, end: 12 } };
    const features = (await plain.process(clip(waveform(9000)), mask)).data;
    const expected = (await plain.process(clip(waveform(9000)))).data;
    for (const [i, value] of expected.entries()) {
      const [frame, band] = [Math.floor(i / 20), i % 20];
      const isHidden = (band >= 3 && band < 5) || (frame >= 10 && frame < 12);
      expect(features[i]).toBe(isHidden ? 0 : value);
    }
    const normalized = (await masked.process(clip(waveform(9000)), mask)).data;
    expect(normalized[3]).toBeCloseTo(4.2677393 / (2 * 4.5689974), 6);
  });

  it('has a fingerprint of its arithmetic only', () => {
    const known = make(ast).fingerprint;
    expect(make({ ...ast, sampling_rate: 16_000, return_attention_mask: true }).fingerprint).toBe(known);
    const others = [
      { ...ast, mean: 0 },
      { ...ast, max_length: 31 },
      { ...ast, do_normalize: false },
      whisper,
    ];
    expect(new Set([known, ...others.map((json) => make(json).fingerprint)]).size).toBe(5);
  });

  it('refuses what it was not made for', async () => {
    const processor = make(ast);
    const samples = waveform(500);
    await expect(processor.process({ samples, samplingRate: 44_100 })).rejects.toThrow(
      '[audio-processor] a clip has 44100 samples per second, the encoder was trained with 16000; resample it to 16000',
    );
    await expect(processor.process(clip(samples.fill(NaN, 77, 78)))).rejects.toThrow(
      /sample 77 of a clip is NaN/,
    );
    const doubles = new Float64Array(500) as unknown as Float32Array;
    await expect(processor.process(clip(doubles))).rejects.toThrow(/must be a Float32Array/);
    const mask = drawSpecAugment(new Random(1), { bands: 80, frames: 100 });
    await expect(make(whisper).process(clip(waveform(500)), mask)).rejects.toThrow(/takes no SpecAugment/);
  });

  it.each<[string, object, RegExp]>([
    [
      'another extractor',
      { feature_extractor_type: 'X' },
      /is for "X"; Ocelli follows ASTFeatureExtractor and/,
    ],
    ['dither', { ...whisper, dither: 0.1 }, /cannot be followed:\n.*\n?.*dither/],
    ['padding on the left', { ...ast, padding_side: 'left' }, /cannot be followed:\n.*\n?.*padding_side/],
    ['an unknown key', { ...ast, noise: 0.1 }, /key "noise" is 0.1, which Ocelli does not know/],
    [
      'too low a rate',
      { ...whisper, sampling_rate: 8000 },
      /80 bands from 0 to 8000 Hz do not lie between 0 and 4000/,
    ],
  ])('refuses a config with %s', (_, json, message) => {
    expect(() => make(json)).toThrow(message);
  });
});

describe('drawSpecAugment', () => {
  it('draws every width below the widest, anywhere, and the same from the same seed', () => {
    const options = { bands: 128, frames: 1024 };
    const random = new Random(5);
    const draws = Array.from({ length: 4000 }, () => drawSpecAugment(random, options));
    for (const [axis, extent, widest] of [
      ['bands', 128, 24],
      ['frames', 1024, 96],
    ] as const) {
      const widths = new Set(draws.map((draw) => draw[axis].end - draw[axis].begin));
      expect([...widths].sort((a, b) => a - b)).toEqual(Array.from({ length: widest }, (_, width) => width));
      for (const draw of draws) expect(draw[axis].end).toBeLessThanOrEqual(extent);
      const masked = draws.map((draw) => draw[axis]).filter(({ begin, end }) => end > begin);
      expect(Math.min(...masked.map(({ begin }) => begin))).toBe(0);
      expect(Math.max(...masked.map(({ end }) => end))).toBeGreaterThan(extent - 5);
    }
    expect(drawSpecAugment(new Random(5), options)).toEqual(draws[0]);
    expect(() => drawSpecAugment(random, { bands: 20, frames: 100 })).toThrow(
      '[spec-augment] masks of up to 24 bands and 96 frames do not fit a spectrogram of 20 bands and 100 frames',
    );
  });
});
