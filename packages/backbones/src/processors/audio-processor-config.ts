import { OcelliError } from '@ocelli/ops';
import { z } from 'zod';
import { followConfig } from './follow-config.js';

/** What is done to a waveform before an encoder hears it: AST's way or Whisper's. */
export type AudioProcessorConfig = FilterBankConfig | LogMelConfig;

/** Kaldi's filter bank features: frames of 25 ms every 10 ms, cut or filled up with zeros to a fixed number (AST). */
export interface FilterBankConfig {
  readonly features: 'filter-bank';
  /** Samples per second that a waveform must have. */
  readonly samplingRate: number;
  readonly bands: number;
  /** Frames of every result. */
  readonly frames: number;
  /** (x - mean) / (2 * standardDeviation), the zeros too; null leaves it out. */
  readonly normalize: { readonly mean: number; readonly standardDeviation: number } | null;
}

/** The log mel spectrogram of a fixed time, the loudest 80 dB of it around 0 (Whisper; Radford et al. 2022, arXiv 2212.04356). */
export interface LogMelConfig {
  readonly features: 'log-mel';
  /** Samples per second that a waveform must have. */
  readonly samplingRate: number;
  readonly bands: number;
  /** Length of every clip, to which others are cut or filled up. */
  readonly seconds: number;
  /** What fills them up. */
  readonly paddingValue: number;
  /** Samples from a frame to the next. */
  readonly hop: number;
  /** Samples of a frame, and points of its Fourier transform. */
  readonly fftLength: number;
}

const count = z.number().int().positive();
const shared = {
  feature_extractor_type: z.string(),
  sampling_rate: count.nullish(),
  padding_value: z.number().nullish(),
  padding_side: z.literal('right').nullish(),
};

const filterBankSchema = z.object({
  ...shared,
  feature_size: z.literal(1).nullish(),
  num_mel_bins: count.nullish(),
  max_length: count.nullish(),
  do_normalize: z.boolean().nullish(),
  mean: z.number().nullish(),
  std: z.number().positive().nullish(),
});

const logMelSchema = z.object({
  ...shared,
  feature_size: count.nullish(),
  chunk_length: count.nullish(),
  hop_length: count.nullish(),
  n_fft: count.nullish(),
  dither: z.literal(0).nullish(),
});

/** Keys that change nothing here: Whisper's follow from others, and nothing asks for a mask. */
const neutralKeys = new Set([
  'mel_filters',
  'n_samples',
  'nb_max_frames',
  'processor_class',
  'return_attention_mask',
]);

/**
 * Reads a `preprocessor_config.json` of ASTFeatureExtractor or WhisperFeatureExtractor as transformers does; keys that are
 * absent have its defaults. A key that may change the arithmetic in a way that Ocelli does not know is an error.
 *
 * @param origin the file, for messages.
 */
export function parseAudioProcessorConfig(json: unknown, origin: string): AudioProcessorConfig {
  const fail = (message: string): OcelliError => new OcelliError('audio-processor', `${origin}: ${message}`);
  const type = (json as { feature_extractor_type?: unknown } | null)?.feature_extractor_type;
  if (type === 'ASTFeatureExtractor') {
    const keys = followConfig(filterBankSchema, neutralKeys, json, fail);
    const { mean, std } = keys;
    return {
      features: 'filter-bank',
      samplingRate: keys.sampling_rate ?? 16_000,
      bands: keys.num_mel_bins ?? 128,
      frames: keys.max_length ?? 1024,
      normalize:
        (keys.do_normalize ?? true)
          ? { mean: mean ?? -4.2677393, standardDeviation: std ?? 4.5689974 } // of AudioSet
          : null,
    };
  }
  if (type === 'WhisperFeatureExtractor') {
    const keys = followConfig(logMelSchema, neutralKeys, json, fail);
    return {
      features: 'log-mel',
      samplingRate: keys.sampling_rate ?? 16_000,
      bands: keys.feature_size ?? 80,
      seconds: keys.chunk_length ?? 30,
      paddingValue: keys.padding_value ?? 0,
      hop: keys.hop_length ?? 160,
      fftLength: keys.n_fft ?? 400,
    };
  }
  throw fail(
    `is for ${JSON.stringify(type)}; Ocelli follows ASTFeatureExtractor and WhisperFeatureExtractor`,
  );
}
