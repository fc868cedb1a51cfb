// Makes the vision model of @ocelli/tiny: a ViT trained on pictures and numbers, no words.
//   npm run make:vision-model -- [--steps N] [--layers N] ...
// Killed and started again, it continues from its last checkpoint.
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VitModel } from '@ocelli/backbones';
import { colourNames, concepts } from '@ocelli/emoji-scenes';
import {
  AdamW,
  backward,
  clipGradientNorm,
  device,
  keep,
  Random,
  scope,
  type Tensor,
  tensor,
} from '@ocelli/ops';
import { loadCheckpoint, saveCheckpoint } from '../training/checkpoint.js';
import { learningRateAt } from '../training/learning-rate.js';
import { PretrainingHeads } from './heads.js';
import { type MoreDrawing, readMoreDrawings } from './more-drawings.js';
import { defaultOptions, type VisionModelOptions } from './options.js';
import { type PictureBatch, renderBatch } from './pictures.js';
import { sineCosinePositions } from './positions.js';
import { labelsOfRows, quarterRows, seeQuarters } from './quarters.js';
import { saveVisionModel, vitConfigOf } from './save.js';
import { scoreSplit } from './score.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = join(root, 'models', 'vision-model');

function parseArguments(args: readonly string[]): VisionModelOptions {
  const options: Record<string, number | string> = { ...defaultOptions };
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i]!.replace(/^--/, '').replace(/-([a-z])/g, (_, letter: string) =>
      letter.toUpperCase(),
    );
    if (!(name in options))
      throw new Error(`unknown option ${args[i]}; there are ${Object.keys(options).join(', ')}`);
    options[name] = typeof options[name] === 'number' ? Number(args[i + 1]) : args[i + 1]!;
  }
  return options as unknown as VisionModelOptions;
}

/**
 * The pictures of a step. Quarters of scenes at first, then ever more whole scenes: a drawing is learnt from a quarter as
 * well, for a quarter of the work.
 */
function preparePictures(
  step: number,
  options: VisionModelOptions,
  labels: ReadonlyMap<number, number>,
  drawings: ReadonlyMap<number, readonly MoreDrawing[]>,
): Promise<PictureBatch> {
  const progress = step / options.steps;
  const random = new Random(options.seed * 1_000_003 + step);
  const single = random.uniform() >= progress ** 2;
  const size = single ? options.quarterBatchSize : options.sceneBatchSize;
  const variation = Math.min(1, progress / options.rampUntil);
  const first = step * options.quarterBatchSize;
  return renderBatch('train', first, size, options, labels, { variation, single, drawings, random });
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const options = parseArguments(args);
  const command = ['npm run make:vision-model', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const random = new Random(options.seed);
  const labels = new Map(concepts(options.concepts).map((concept, index) => [concept.id, index]));
  const model = VitModel.initialize(vitConfigOf(options), random);
  const heads = new PretrainingHeads(options.width, labels.size, colourNames.length, random);
  const named = model.namedParameters();
  const positions = named.get('embeddings.position_embeddings')!;
  positions.write(sineCosinePositions(options.imageSize / options.patchSize, options.width));
  positions.requiresGrad = false;

  const trainable = [...named].filter(([, parameter]) => parameter !== positions);
  const decayed = trainable
    .filter(([name]) => name.endsWith('.weight') && !name.includes('layernorm'))
    .map(([, p]) => p);
  const others = trainable
    .map(([, parameter]) => parameter)
    .filter((parameter) => !decayed.includes(parameter));
  const all = [...decayed, ...others, ...heads.parameters];
  const optimizer = new AdamW([
    { parameters: decayed, learningRate: options.learningRate, weightDecay: options.weightDecay },
    { parameters: [...others, ...heads.parameters], learningRate: options.learningRate, weightDecay: 0 },
  ]);

  const state = {
    parameters: new Map([
      ...named,
      ...heads.parameters.map((head, i): [string, Tensor] => [`heads.${i}`, head]),
    ]),
    optimizer,
  };
  const name = createHash('sha256').update(JSON.stringify(options)).digest('hex').slice(0, 12);
  const checkpoint = join(root, '.cache', 'vision-model', `${name}.safetensors`);
  const firstStep = await loadCheckpoint(checkpoint, state);
  if (firstStep > 0) console.log(`continuing after step ${firstStep} of ${options.steps}`);

  const started = Date.now();
  console.log(
    `${model.parameterCount} parameters, ${labels.size} things, ${device.isa}, ${device.threads} threads`,
  );
  const grid = options.imageSize / options.patchSize;
  const drawings = readMoreDrawings();
  let next = preparePictures(firstStep, options, labels, drawings);
  let [average, pictures] = [Math.log(labels.size), 0];
  for (let step = firstStep; step < options.steps; step++) {
    const batch = await next;
    next = preparePictures(step + 1, options, labels, drawings);
    for (const group of optimizer.groups) group.learningRate = learningRateAt(step, options);
    const loss = scope(() => {
      const pixels = tensor(batch.pixels, [batch.size, 3, options.imageSize, options.imageSize]);
      const rows = batch.quarters && quarterRows(batch.quarters, grid);
      const { lastHiddenState } = model.forward(pixels, rows ? { hooks: [seeQuarters(rows)] } : {});
      const seen = rows ? labelsOfRows(rows, batch.patches, 1 + grid * grid) : batch.patches;
      const { loss: total, concept } = heads.loss(lastHiddenState, batch, seen, options.patchLoss);
      backward(total);
      optimizer.step({ gradientScale: clipGradientNorm(all, options.clip) });
      optimizer.zeroGradients();
      return keep(concept);
    });
    const value = await loss.item();
    loss.dispose();
    average = 0.98 * average + 0.02 * value;
    pictures += batch.size;
    const done = step + 1;
    if (done % 50 === 0) {
      const seconds = (Date.now() - started) / 1000;
      const rate = (pictures / seconds).toFixed(0);
      console.log(
        `step ${done}/${options.steps}  loss ${average.toFixed(3)}  ${rate} pictures/s  ${seconds.toFixed(0)} s`,
      );
    }
    if (done % options.checkpointEvery === 0 || done === options.steps) {
      const scores = {
        training: await scoreSplit(model, heads, 'train', options, labels),
        validation: await scoreSplit(model, heads, 'validation', options, labels),
      };
      console.log(`  scores ${JSON.stringify(scores)}`);
      const results = { steps: done, pictures, seconds: (Date.now() - started) / 1000, ...scores };
      await saveVisionModel(target, model, options, results, labels.size, command);
      await saveCheckpoint(checkpoint, state, done);
    }
  }
  rmSync(checkpoint);
}

await main();
