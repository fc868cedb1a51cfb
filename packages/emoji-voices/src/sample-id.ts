import type { ConceptSet } from '@ocelli/emoji-scenes';
import { type VoiceSplit, voiceSplits } from './splits.js';

/** The parts of a recording's id. */
export interface RecordingIdParts {
  readonly set: ConceptSet;
  readonly split: VoiceSplit;
  /** 0 unless the data set was asked for another seed. */
  readonly seed: number;
  readonly index: number;
}

/** `demo/train/000123`, or with a seed other than 0 `demo/train@7/000123`, as in `@ocelli/emoji-scenes`. */
export function recordingId({ set, split, seed, index }: RecordingIdParts): string {
  return `${set}/${split}${seed === 0 ? '' : `@${seed}`}/${String(index).padStart(6, '0')}`;
}

const pattern = /^(demo|harder|all)\/([a-z-]+)(?:@(\d+))?\/(\d{6,})$/;

/**
 * Reads an id back.
 * @throws when the id is not one that `recordingId` writes.
 */
export function parseRecordingId(id: string): RecordingIdParts {
  const [, set, split, seed, index] = pattern.exec(id) ?? [];
  const parts = {
    set: set as ConceptSet,
    split: split as VoiceSplit,
    seed: Number(seed ?? 0),
    index: Number(index),
  };
  if (!voiceSplits.includes(parts.split) || recordingId(parts) !== id) {
    throw new Error(
      `[emoji-voices] "${id}" is no sample id; write it as demo/train/000123 (demo, harder or all / ${voiceSplits.join(', ')} / six digits)`,
    );
  }
  return parts;
}
