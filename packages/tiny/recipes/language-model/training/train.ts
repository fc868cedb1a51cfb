import type { HookList, OptModel } from '@ocelli/backbones';
import {
  AdamW,
  add,
  backward,
  clipGradientNorm,
  crossEntropy,
  divide,
  Random,
  scope,
  type Tensor,
  tensor,
} from '@ocelli/ops';
import { loadCheckpoint, saveCheckpoint } from '../../training/checkpoint.js';
import { learningRateAt } from '../../training/learning-rate.js';
import { media } from '../media/media.js';
import type { LanguageModelOptions } from '../options.js';
import { heldOutShown, scoreShown } from '../scores/score-shown.js';
import { scoreTexts } from '../scores/score-texts.js';
import { entryOf, type Sources } from '../text/documents.js';
import type { OpenTokenizer } from '../tokenizer/make-tokenizer.js';
import type { LearntBatch } from './sequences.js';
import { slotHook, slotsOf } from './slot.js';
import { type StepBatch, stepBatch } from './step-batch.js';

/** Steps between two lines of progress. */
const reportEvery = 20;
/** Held-out entries, and pictures, clips and recordings, that are measured on while training. */
const heldOutTexts = 192;
const heldOutPerMedium = 48;

/** What a run came to. */
export interface TrainingReport {
  readonly steps: number;
  /** Tokens read, padding not counted. */
  readonly tokens: number;
  /** Checkpoints and held-out losses included. */
  readonly seconds: number;
}

interface Losses {
  /** Mean loss per token of captions and answers that are read from a slot. */
  readonly slot: Tensor;
  /** Mean loss per token of plain texts. */
  readonly plain: Tensor;
}

function sumOfLosses(model: OptModel, { input, rows, targets }: LearntBatch, hooks: HookList): Tensor {
  const { logits } = model.forward({ input, hooks, logitRows: tensor(rows) });
  return crossEntropy(logits, tensor(targets), { reduction: 'sum' });
}

/** Losses of a step, their gradients left in the parameters: of the mean over all learnt tokens. */
function losses(model: OptModel, batch: StepBatch, options: LanguageModelOptions, random: Random): Losses {
  const slotTargets = batch.slotTexts.targets.length;
  const plainTargets = batch.plain.reduce((sum, { targets }) => sum + targets.length, 0);
  const all = slotTargets + plainTargets;

  const slots = slotsOf(model, batch.slots, { random, standardDeviation: batch.slotNoise });
  const hook = slotHook(slots, options.slotLayer, model.config.layers);
  const slotLoss = sumOfLosses(model, batch.slotTexts, [hook]);
  backward(divide(slotLoss, all));
  const plainLosses = batch.plain.map((one) => {
    const loss = sumOfLosses(model, one, []);
    backward(divide(loss, all));
    return loss;
  });
  return {
    slot: divide(slotLoss, slotTargets),
    plain: divide(
      plainLosses.reduce((a, b) => add(a, b)),
      plainTargets,
    ),
  };
}

/**
 * Trains a new model on text, continuing from the checkpoint if there is one.
 *
 * @param checkpoint path of the checkpoint; the caller removes it when the run is complete.
 */
export async function train(
  model: OptModel,
  sources: Sources,
  tokenizer: OpenTokenizer,
  options: LanguageModelOptions,
  checkpoint: string,
): Promise<TrainingReport> {
  const parameters = model.namedParameters();
  const matrices = [...parameters.values()].filter(({ rank }) => rank > 1);
  const vectors = [...parameters.values()].filter(({ rank }) => rank === 1);
  const groups = [
    { parameters: matrices, learningRate: 0, weightDecay: options.weightDecay },
    { parameters: vectors, learningRate: 0, weightDecay: 0 },
  ];
  const optimizer = new AdamW(groups, { betas: [0.9, 0.98] });
  const state = { parameters, optimizer };
  const earlier = await loadCheckpoint(checkpoint, state);

  const start = performance.now();
  const texts = sources.heldOutEntries.slice(0, heldOutTexts).map(entryOf);
  const lists = media.map((medium) =>
    heldOutShown(medium, sources.things.scenes, heldOutPerMedium, 'training'),
  );
  let tokens = earlier.seen;
  let report = { at: start, tokens };
  const seconds = (): number => earlier.seconds + (performance.now() - start) / 1000;
  for (let step = earlier.steps; step < options.steps; step++) {
    const batch = stepBatch(sources, tokenizer.encode, options, step);
    for (const group of groups) group.learningRate = learningRateAt(step, options);
    const random = new Random(options.seed * 1_000_003 + step);
    const result = scope(() => {
      const made = losses(model, batch, options, random);
      optimizer.step({ gradientScale: clipGradientNorm([...parameters.values()], options.clip) });
      optimizer.zeroGradients();
      return made;
    });
    tokens += batch.tokens;
    const done = step + 1;
    if (done % reportEvery === 0 || done === options.steps) {
      // Waiting for the losses also keeps the queue short.
      const [slot, plain] = [await result.slot.item(), await result.plain.item()];
      const now = performance.now();
      const speed = (tokens - report.tokens) / ((now - report.at) / 1000);
      report = { at: now, tokens };
      const minutes = (seconds() / 60).toFixed(1);
      console.log(
        `step ${done}/${options.steps}  slot ${slot.toFixed(3)}  plain ${plain.toFixed(3)}  ${speed.toFixed(0)} tokens/s  ${minutes} min`,
      );
      if (!Number.isFinite(slot + plain))
        throw new Error('[language-model] the loss is no number; lower the learning rate');
    }
    result.slot.dispose();
    result.plain.dispose();
    if (done % options.checkpointEvery === 0 && done < options.steps) {
      await saveCheckpoint(checkpoint, state, { steps: done, seconds: seconds(), seen: tokens });
      const { perplexity } = await scoreTexts(model, tokenizer.encode, texts);
      console.log(`step ${done}  held out: perplexity ${perplexity.toFixed(1)}; through a slot, % right:`);
      for (const list of lists) {
        const right = await scoreShown(model, tokenizer, sources, list, { firstLayer: options.slotLayer });
        const shares = Object.entries(right).map(([name, share]) => `${name} ${(100 * share).toFixed(0)}`);
        console.log(`  ${list[0]!.medium.name}: ${shares.join(', ')}`);
      }
    }
  }
  optimizer.dispose();
  return { steps: options.steps, tokens, seconds: seconds() };
}
