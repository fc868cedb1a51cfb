import { AdamW, clipGradientNorm, keep, scope, type Tensor } from '@ocelli/ops';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import { learningRateAt } from './learning-rate.js';

/** What is trained, and how. */
export interface TrainedEncoder {
  /** For messages: `vision-model`. */
  readonly name: string;
  /** What a batch has so many of: `pictures`. */
  readonly unit: string;
  readonly model: { namedParameters(): ReadonlyMap<string, Tensor> };
  /** Of the heads, which are thrown away afterwards. */
  readonly heads: readonly Tensor[];
  readonly options: {
    readonly steps: number;
    readonly warmUpSteps: number;
    readonly learningRate: number;
    readonly weightDecay: number;
    readonly clip: number;
    readonly checkpointEvery: number;
  };
}

/** What an encoder is trained on, too. */
export interface EncoderTraining<Batch extends { readonly size: number }> extends TrainedEncoder {
  /** The batch of a step, which follows from its number alone. */
  prepare(step: number): Batch | Promise<Batch>;
  /** Leaves the gradients of a batch in the parameters. Returns the loss of the things. */
  learn(batch: Batch): Tensor;
  /** How it does on what it is not trained on, in words. */
  validate(): Promise<string>;
}

/** What a run came to. */
export interface EncoderReport {
  readonly steps: number;
  /** Pictures, or recordings. */
  readonly seen: number;
  /** Checkpoints and scores included. */
  readonly seconds: number;
}

/** Steps between two lines of progress. */
const reportEvery = 50;

/** Matrices decay, vectors and heads do not; what needs no gradient stays. */
function makeOptimizer({ model, heads, options }: TrainedEncoder): AdamW {
  const trained = [...model.namedParameters()].filter(([, { requiresGrad }]) => requiresGrad);
  const isDecayed = (name: string): boolean => name.endsWith('.weight') && !name.includes('layernorm');
  const decayed = trained.filter(([name]) => isDecayed(name)).map(([, parameter]) => parameter);
  const others = trained.filter(([name]) => !isDecayed(name)).map(([, parameter]) => parameter);
  return new AdamW([
    { parameters: decayed, learningRate: 0, weightDecay: options.weightDecay },
    { parameters: [...others, ...heads], learningRate: 0, weightDecay: 0 },
  ]);
}

/** Trains a new encoder, continuing from the checkpoint if there is one; the caller removes it at the end. */
export async function trainEncoder<Batch extends { readonly size: number }>(
  training: EncoderTraining<Batch>,
  checkpoint: string,
): Promise<EncoderReport> {
  const { name, unit, model, heads, options } = training;
  const optimizer = makeOptimizer(training);
  const trained = optimizer.groups.flatMap(({ parameters }) => parameters);
  const named = heads.map((head, i): [string, Tensor] => [`heads.${i}`, head]);
  const state = { parameters: new Map([...model.namedParameters(), ...named]), optimizer };
  const earlier = await loadCheckpoint(checkpoint, state);

  const start = performance.now();
  const seconds = (): number => earlier.seconds + (performance.now() - start) / 1000;
  // The next batch is made while this one is learnt.
  let next = training.prepare(earlier.steps);
  let { seen } = earlier;
  let losses: number[] = [];
  for (let step = earlier.steps; step < options.steps; step++) {
    const batch = await next;
    const done = step + 1;
    if (done < options.steps) next = training.prepare(done);
    for (const group of optimizer.groups) group.learningRate = learningRateAt(step, options);
    const loss = scope(() => {
      const concept = training.learn(batch);
      optimizer.step({ gradientScale: clipGradientNorm(trained, options.clip) });
      optimizer.zeroGradients();
      return keep(concept);
    });
    losses.push(await loss.item());
    loss.dispose();
    seen += batch.size;
    if (done % reportEvery === 0) {
      const mean = losses.reduce((a, b) => a + b) / losses.length;
      if (!Number.isFinite(mean)) throw new Error(`[${name}] the loss is no number; lower the learning rate`);
      const rate = (seen / seconds()).toFixed(0);
      const minutes = (seconds() / 60).toFixed(1);
      console.log(
        `step ${done}/${options.steps}  loss ${mean.toFixed(3)}  ${rate} ${unit}/s  ${minutes} min`,
      );
      losses = [];
    }
    if (done % options.checkpointEvery === 0 && done < options.steps) {
      await saveCheckpoint(checkpoint, state, { steps: done, seconds: seconds(), seen });
      console.log(`step ${done}  ${await training.validate()}`);
    }
  }
  optimizer.dispose();
  return { steps: options.steps, seen, seconds: seconds() };
}
