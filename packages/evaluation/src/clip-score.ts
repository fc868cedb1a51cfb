import { describe, EvaluationError } from './evaluation-error.js';
import { mean } from './mean.js';

/** One image with its caption, as embeddings of one and the same image-text model (CLIP's are meant). */
export interface ClipSample {
  /** `[width]`, of any length but 0. */
  readonly image: ArrayLike<number>;
  /** The caption under test, `[width]`. */
  readonly text: ArrayLike<number>;
  /** The human captions, `[references][width]`; all samples have them or none. */
  readonly references?: readonly ArrayLike<number>[];
}

/** The scores of a corpus (means over samples) and of every sample. */
export interface ClipScoreResult {
  /** 0..2.5. */
  clipScore: number;
  /** Null without references. */
  refClipScore: number | null;
  perSample: { clipScore: number; refClipScore: number | null }[];
}

const WEIGHT = 2.5;

/** Cosine of the angle between two vectors of the same width. */
function cosine(a: ArrayLike<number>, b: ArrayLike<number>, where: string): number {
  if (a.length !== b.length || a.length === 0) {
    throw new EvaluationError(
      'clipScore',
      `${where} has ${b.length} numbers, its image or text ${a.length}`,
      'pass embeddings of one model',
    );
  }
  let product = 0;
  let squares = 0;
  let others = 0;
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!;
    squares += a[i]! ** 2;
    others += b[i]! ** 2;
  }
  const value = product / Math.sqrt(squares * others);
  if (!Number.isFinite(value)) {
    throw new EvaluationError(
      'clipScore',
      `${where} or its partner is zero or not finite`,
      'see what encoded it',
    );
  }
  return value;
}

function scoreOne(
  { image, text, references }: ClipSample,
  index: number,
): ClipScoreResult['perSample'][number] {
  const clipScore = WEIGHT * Math.max(cosine(image, text, `samples[${index}].text`), 0);
  if (!references?.length) return { clipScore, refClipScore: null };
  const best = Math.max(
    0,
    ...references.map((own, r) => cosine(text, own, `samples[${index}].references[${r}]`)),
  );
  const sum = clipScore + best;
  return { clipScore, refClipScore: sum === 0 ? 0 : (2 * clipScore * best) / sum };
}

/**
 * CLIPScore and RefCLIPScore (Hessel et al., EMNLP 2021) from embeddings that you made: 2.5 max(cos, 0) of image and
 * caption, and its harmonic mean with the best max(cos, 0) of caption and reference. The published numbers are of
 * CLIP ViT-B/32 with captions that begin "A photo depicts"; other embeddings give other numbers.
 *
 * @throws EvaluationError if there are no samples, widths differ, a vector is zero, or only some have references
 */
export function clipScore(samples: readonly ClipSample[]): ClipScoreResult {
  if (!Array.isArray(samples) || samples.length === 0) {
    throw new EvaluationError(
      'clipScore',
      `samples is ${describe(samples)}`,
      'pass at least one { image, text }',
    );
  }
  const withReferences = samples.filter(({ references }) => (references?.length ?? 0) > 0).length;
  if (withReferences !== 0 && withReferences !== samples.length) {
    throw new EvaluationError(
      'clipScore',
      `${withReferences} of ${samples.length} samples have references`,
      'pass references for all or for none',
    );
  }
  const perSample = samples.map(scoreOne);
  return {
    clipScore: mean(perSample.map((one) => one.clipScore)),
    refClipScore: withReferences === 0 ? null : mean(perSample.map((one) => one.refClipScore!)),
    perSample,
  };
}
