/** Everything that can be chosen about the vision model; the defaults are the published one. */
export interface VisionModelOptions {
  readonly seed: number;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly patchSize: number;
  readonly imageSize: number;
  /** Which things it learns to tell apart: a set of the emoji-scenes package. Two pictures of three show the `demo` set's. */
  readonly concepts: 'demo' | 'harder' | 'all';
  readonly steps: number;
  /** Pictures in a step that shows a quarter of each. */
  readonly quarterBatchSize: number;
  /** Pictures in a step that shows whole scenes. */
  readonly sceneBatchSize: number;
  readonly warmUpSteps: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly clip: number;
  /** Fraction of the steps in which pictures go from canonical to fully varied. */
  readonly rampUntil: number;
  /** Weight of the loss that every patch names what it shows. */
  readonly patchLoss: number;
  /** Steps between two checkpoints and scores. */
  readonly checkpointEvery: number;
}

export const defaultOptions: VisionModelOptions = {
  seed: 1,
  layers: 6,
  width: 128,
  heads: 4,
  patchSize: 8,
  imageSize: 48,
  concepts: 'harder',
  steps: 9000,
  quarterBatchSize: 128,
  sceneBatchSize: 48,
  warmUpSteps: 300,
  learningRate: 2e-3,
  weightDecay: 0.05,
  clip: 1,
  rampUntil: 0.3,
  patchLoss: 1,
  checkpointEvery: 500,
};
