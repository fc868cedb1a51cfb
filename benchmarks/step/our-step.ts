import { type Adapter, createAdapter } from '@ocelli/adapters';
import { type Encoder, type LanguageModel, loadEncoder, loadLanguageModel } from '@ocelli/backbones';
import { AdamW, backward, device, Random, scope, type WeightType } from '@ocelli/ops';
import { ImageTextTask, type TextTokenizer } from '@ocelli/training';
import type { Contender } from '../harness/case.js';
import type { Features } from './features.js';
import { captions } from './inputs.js';
import type { ModelFiles } from './model-files.js';
import {
  adapterSeed,
  epalmConfig,
  learningRate,
  optConfig,
  type StepShape,
  weightDecay,
} from './settings.js';

/** Frozen backbones as the product loads them. */
export interface StepModels {
  readonly languageModel: LanguageModel;
  readonly encoder: Encoder;
  dispose(): void;
}

export function loadStepModels(
  files: Pick<ModelFiles, 'languageModel' | 'encoder'>,
  dtype: WeightType = 'float32',
): StepModels {
  const languageModel = loadLanguageModel(files.languageModel, { dtype });
  const encoder = loadEncoder(files.encoder, { dtype });
  return {
    languageModel,
    encoder,
    dispose() {
      languageModel.dispose();
      encoder.dispose();
    },
  };
}

/** Texts of this benchmark are ids, written as words. */
const idsAsWords: TextTokenizer = {
  encode: (text) => text.split(' ').map(Number),
  idOf: () => optConfig.eos_token_id,
};

/** eP-ALM's training step as the trainer runs it, again and again on one batch: prepare, forward, backward, AdamW. */
export class OurStep {
  readonly #adapter: Adapter;
  readonly #task: ImageTextTask;
  readonly #optimizer: AdamW;

  constructor({ languageModel, encoder }: StepModels, shape: StepShape, features: Features) {
    this.#adapter = createAdapter('epalm', epalmConfig, {
      languageModel: languageModel.config,
      encoder: encoder.config,
      random: new Random(adapterSeed),
    });
    this.#task = new ImageTextTask({
      examples: captions(shape).map((ids, item) => ({ prompt: '', target: ids.join(' '), item })),
      features,
      languageModel,
      tokenizer: idsAsWords,
      adapter: this.#adapter,
    });
    const parameters = [...this.#adapter.parameters.values()].map(({ tensor }) => tensor);
    this.#optimizer = new AdamW([{ parameters, learningRate, weightDecay }]);
  }

  /** Queues one step; `loss` is that before its update. */
  async enqueue(): Promise<{ loss: Promise<number> }> {
    const indices = Array.from({ length: this.#task.length }, (_, index) => index);
    const batch = await this.#task.prepare(indices, { step: 0, random: new Random(0) });
    const loss = scope(() => {
      const value = this.#task.loss(batch);
      backward(value);
      return value.item();
    });
    this.#task.release(batch);
    this.#optimizer.step();
    this.#optimizer.zeroGradients();
    return { loss };
  }

  /** One step; the loss before its update, once all of it has run. */
  async run(): Promise<number> {
    const { loss } = await this.enqueue();
    await device.synchronize();
    return loss;
  }

  dispose(): void {
    this.#optimizer.dispose();
    this.#adapter.dispose();
  }
}

/** As the trainer does, the next step is queued while the one before computes. */
export function asContender(name: string, step: OurStep, threads: number): Contender {
  return {
    name,
    async run(repeats) {
      const others = device.threads;
      device.threads = threads;
      const start = performance.now();
      let before: Promise<number> | undefined;
      for (let i = 0; i < repeats; i++) {
        const { loss } = await step.enqueue();
        await before;
        before = loss;
      }
      await before;
      await device.synchronize();
      const seconds = (performance.now() - start) / 1000;
      device.threads = others; // for the peak that is measured next
      return seconds;
    },
    async release() {
      step.dispose();
    },
  };
}
