/** Everything that can be chosen about the audio model; the defaults are the published one. */
export interface AudioModelOptions {
  readonly seed: number;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  /** Side of a patch, in mel bins and in frames. */
  readonly patchSize: number;
  /** Frames from a patch to the next; in bins they do not overlap. */
  readonly timeStride: number;
  readonly bins: number;
  /** Frames of 10 ms. */
  readonly frames: number;
  /** Which things it learns to tell apart: a set of the emoji-scenes package. Two recordings of three name the `demo` set's. */
  readonly concepts: 'demo' | 'harder' | 'all';
  /** In how many accents each voice says a thing of the `demo` set, and another, in the bank; 8 at most. */
  readonly accentsOfDemo: number;
  readonly accentsOfOthers: number;
  readonly steps: number;
  /** Recordings in a step that hears one saying of each. */
  readonly sayingBatchSize: number;
  /** Columns of patches that such a step hears. */
  readonly sayingColumns: number;
  /** Recordings in a step that hears all of each. */
  readonly recordingBatchSize: number;
  readonly warmUpSteps: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly clip: number;
  /** Fraction of the steps in which sounds go from plain to fully varied. */
  readonly rampUntil: number;
  /** Weight of the loss that every patch names what is said under it. */
  readonly patchLoss: number;
  /** Steps between two checkpoints and scores. */
  readonly checkpointEvery: number;
  /** The processor's threads. */
  readonly threads: number;
}

export const defaultOptions: AudioModelOptions = {
  seed: 1,
  layers: 6,
  width: 128,
  heads: 4,
  patchSize: 16,
  timeStride: 8,
  bins: 32,
  frames: 320,
  concepts: 'harder',
  accentsOfDemo: 3,
  accentsOfOthers: 1,
  steps: 2000,
  sayingBatchSize: 64,
  sayingColumns: 11,
  recordingBatchSize: 24,
  warmUpSteps: 100,
  learningRate: 2e-3,
  weightDecay: 0.05,
  clip: 1,
  rampUntil: 0.5,
  patchLoss: 1,
  checkpointEvery: 200,
  threads: 1,
};
