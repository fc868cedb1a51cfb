// Makes the vision model of @ocelli/tiny: a ViT trained on pictures and numbers, no words.
//   npm run make:vision-model -- [--steps N] [--layers N] ...
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VitModel } from '@ocelli/backbones';
import { colourNames, concepts } from '@ocelli/emoji-scenes';
import { AdamW, backward, clipGradientNorm, device, keep, Random, scope, tensor } from '@ocelli/ops';
import { PretrainingHeads } from './heads.js';
import { defaultOptions, type VisionModelOptions } from './options.js';
import { type PictureBatch, renderBatch } from './pictures.js';
import { sineCosinePositions } from './positions.js';
import { saveVisionModel, vitConfigOf } from './save.js';
import { scoreSplit } from './score.js';

const target = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'models', 'vision-model');

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

/** Linear warm-up, then a cosine down to 1 %. */
function learningRateAt(step: number, { warmUpSteps, steps, learningRate }: VisionModelOptions): number {
  if (step < warmUpSteps) return (learningRate * (step + 1)) / warmUpSteps;
  const progress = (step - warmUpSteps) / Math.max(1, steps - warmUpSteps);
  return learningRate * (0.01 + 0.99 * 0.5 * (1 + Math.cos(Math.PI * progress)));
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

  const started = Date.now();
  const prepare = (step: number): Promise<PictureBatch> => {
    const ramp = Math.min(1, step / (options.steps * options.rampUntil));
    return renderBatch('train', step * options.batchSize, options.batchSize, options, labels, colourNames, {
      variation: ramp,
      random,
    });
  };
  mkdirSync(target, { recursive: true });
  console.log(
    `${model.parameterCount} parameters, ${labels.size} things, ${device.isa}, ${device.threads} threads`,
  );
  let next = prepare(0);
  let average = 0;
  for (let step = 0; step < options.steps; step++) {
    const batch = await next;
    next = prepare(step + 1);
    const learningRate = learningRateAt(step, options);
    for (const group of optimizer.groups) group.learningRate = learningRate;
    const loss = scope(() => {
      const pixels = tensor(batch.pixels, [batch.size, 3, options.imageSize, options.imageSize]);
      const { loss: total, concept } = heads.loss(
        model.forward(pixels).lastHiddenState,
        batch,
        options.patchLoss,
      );
      backward(total);
      optimizer.step({ gradientScale: clipGradientNorm(all, options.clip) });
      optimizer.zeroGradients();
      return keep(concept);
    });
    const value = await loss.item();
    loss.dispose();
    average = step === 0 ? value : 0.98 * average + 0.02 * value;
    if (step % 50 === 49) {
      const seconds = (Date.now() - started) / 1000;
      const rate = ((step + 1) * options.batchSize) / seconds;
      console.log(
        `step ${step + 1}/${options.steps}  loss ${average.toFixed(3)}  ${rate.toFixed(0)} pictures/s  ${seconds.toFixed(0)} s`,
      );
    }
    if ((step + 1) % options.checkpointEvery === 0 || step + 1 === options.steps) {
      const scores = {
        training: await scoreSplit(model, heads, 'train', options, labels),
        validation: await scoreSplit(model, heads, 'validation', options, labels),
      };
      console.log(`  scores ${JSON.stringify(scores)}`);
      const results = { steps: step + 1, seconds: (Date.now() - started) / 1000, ...scores };
      await saveVisionModel(target, model, options, results, labels.size, command);
    }
  }
}

await main();
