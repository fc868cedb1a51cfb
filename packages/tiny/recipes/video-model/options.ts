/** Everything that can be chosen about the video model; the defaults are the published one. Its size is the vision model's. */
export interface VideoModelOptions {
  readonly seed: number;
  /** Of a clip. */
  readonly frames: number;
  /** Which things it learns to tell apart: a set of the emoji-scenes package. Two clips of three show the `demo` set's. */
  readonly concepts: 'demo' | 'harder' | 'all';
  /** Steps on single frames, before there is attention over time. */
  readonly frameSteps: number;
  /** Frames in such a step. */
  readonly frameBatchSize: number;
  /** Steps on clips. */
  readonly steps: number;
  /** Clips in a step. */
  readonly batchSize: number;
  readonly warmUpSteps: number;
  /** Of the heads, in steps on single frames. */
  readonly frameLearningRate: number;
  /** Of what is new, in steps on clips: attention over time, its embeddings, and the heads. */
  readonly learningRate: number;
  /** Of what the vision model already knows, as a share of these. */
  readonly spatialRate: number;
  readonly weightDecay: number;
  readonly clip: number;
  /** How far clips for training depart from those of the data set: 0 = not at all, 1 = as far as the vision model's pictures did. */
  readonly variation: number;
  /** From how many of the last blocks class tokens are read. */
  readonly readBlocks: number;
  /** Weight of the losses about the motion, against those about the thing. */
  readonly motionLoss: number;
  /** Weight of the loss that every patch of every frame names the thing it shows. */
  readonly patchLoss: number;
  /** Weight of the loss that every patch of every frame tells how much of it is covered in each of the frames. */
  readonly coverLoss: number;
  /** Steps between two checkpoints and scores. */
  readonly checkpointEvery: number;
}

export const defaultOptions: VideoModelOptions = {
  seed: 1,
  frames: 4,
  concepts: 'harder',
  frameSteps: 250,
  frameBatchSize: 64,
  steps: 1300,
  batchSize: 16,
  warmUpSteps: 60,
  frameLearningRate: 2e-3,
  learningRate: 1.5e-3,
  spatialRate: 0.3,
  weightDecay: 0.05,
  clip: 1,
  variation: 0.7,
  readBlocks: 4,
  motionLoss: 2,
  patchLoss: 0.5,
  coverLoss: 3,
  checkpointEvery: 130,
};
