import type { ConceptSet } from './concepts.js';
import { type Split, splits } from './scene.js';

/** The parts of a sample's id. */
export interface SampleIdParts {
  readonly set: ConceptSet;
  readonly split: Split;
  /** 0 unless the data set was asked for another seed. */
  readonly seed: number;
  readonly index: number;
}

/** `demo/train/000123`, or with a seed other than 0 `demo/train@7/000123`. */
export function sampleId({ set, split, seed, index }: SampleIdParts): string {
  return `${set}/${split}${seed === 0 ? '' : `@${seed}`}/${String(index).padStart(6, '0')}`;
}

const pattern = /^(demo|harder|all)\/([a-z-]+)(?:@(\d+))?\/(\d{6,})$/;

/**
 * Reads an id back.
 * @throws when the id is not one that `sampleId` writes.
 */
export function parseSampleId(id: string): SampleIdParts {
  const [, set, split, seed, index] = pattern.exec(id) ?? [];
  const parts = {
    set: set as ConceptSet,
    split: split as Split,
    seed: Number(seed ?? 0),
    index: Number(index),
  };
  if (!splits.includes(parts.split) || sampleId(parts) !== id) {
    throw new Error(
      `[emoji-scenes] "${id}" is no sample id; write it as demo/train/000123 (demo, harder or all / ${splits.join(', ')} / six digits)`,
    );
  }
  return parts;
}
