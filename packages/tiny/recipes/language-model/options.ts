/** Everything that can be chosen about the language model; the defaults are the published one. */
export interface LanguageModelOptions {
  readonly seed: number;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly feedForwardWidth: number;
  readonly vocabularySize: number;
  /** Longest sequence in tokens, `</s>` included. */
  readonly maxPositions: number;
  readonly steps: number;
  readonly warmUpSteps: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Largest norm of the whole gradient. */
  readonly clip: number;
  /** Bags of facts per step, each compressed into one slot. */
  readonly contexts: number;
  /** Longest bag of facts in tokens; longer ones are left out. */
  readonly contextTokens: number;
  /** Questions per bag of facts, beside the caption. */
  readonly questions: number;
  /** Further questions whether something is there. */
  readonly presenceQuestions: number;
  /** Texts without a slot per step. */
  readonly plainTexts: number;
  /** The slot is put in from this layer on; by default in the upper half, where eP-ALM's defaults put their tokens. */
  readonly slotLayer: number;
  /** Largest standard deviation of the noise on a slot of unit variance; reached after the first third of the steps. */
  readonly slotNoise: number;
  /** Steps between two checkpoints. */
  readonly checkpointEvery: number;
}

export const defaultOptions: LanguageModelOptions = {
  seed: 1,
  layers: 6,
  width: 160,
  heads: 5,
  feedForwardWidth: 640,
  vocabularySize: 3072,
  maxPositions: 64,
  steps: 2000,
  warmUpSteps: 60,
  learningRate: 2.5e-3,
  weightDecay: 0.05,
  clip: 1,
  contexts: 32,
  contextTokens: 20,
  questions: 3,
  presenceQuestions: 4,
  plainTexts: 16,
  slotLayer: 3,
  slotNoise: 0.5,
  checkpointEvery: 200,
};
