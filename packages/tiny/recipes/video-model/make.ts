// Makes the video model from the vision model: `npm run make:video-model [-- --steps 200 ...]`, see options.ts.
// Killed and started again, it continues from its last checkpoint.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseVitConfig, type TimesformerModel, VitModel } from '@ocelli/backbones';
import { colourNames, concepts, motions } from '@ocelli/emoji-scenes';
import { device, Random, readSafetensors } from '@ocelli/ops';
import { forgetCheckpoint } from '../training/checkpoint.js';
import { parseOptions } from '../training/parse-options.js';
import { runFiles } from '../training/run-files.js';
import { beginAsVit, timesformerConfigOf } from './begin.js';
import { VideoHeads } from './heads.js';
import { defaultOptions } from './options.js';
import { saveVideoModel } from './save.js';
import { scoreSplit } from './score.js';
import { type TrainingReport, train } from './train.js';

const args = process.argv.slice(2).filter((arg) => arg !== '--');
const options = parseOptions(defaultOptions, args);
const { directory, checkpoint } = runFiles('video-model', options, defaultOptions);
const origin = fileURLToPath(new URL('../../models/vision-model', import.meta.url));

const vitConfigFile = join(origin, 'config.json');
const vitConfig = parseVitConfig(JSON.parse(readFileSync(vitConfigFile, 'utf8')), vitConfigFile);
const config = timesformerConfigOf(vitConfig, options.frames);
const labels = new Map(concepts(options.concepts).map((concept, index) => [concept.id, index]));
const classes = { concept: labels.size, motion: motions.length, background: colourNames.length };
const heads = new VideoHeads(
  { blocks: options.readBlocks, width: config.width, frames: options.frames, classes },
  new Random(options.seed),
);

console.log(`${labels.size} things, ${device.isa}, ${device.threads} threads; writing to ${directory}`);
const frameCheckpoint = `${checkpoint}.frames`;

interface Beginning {
  readonly model: TimesformerModel;
  readonly onFrames: TrainingReport;
}

/** The vision model, after it has learnt the clips' frames one by one: things in the middle, turned, large and small. */
async function begin(): Promise<Beginning> {
  const file = readSafetensors(join(origin, 'model.safetensors'));
  const source = { description: origin, has: () => true, load: (name: string) => file.load(name) };
  const vit = new VitModel(vitConfig, source, 'untrained', { trainable: true });
  vit.namedParameters().get('embeddings.position_embeddings')!.requiresGrad = false;
  const onFrames = await train(
    {
      ...{ model: vit, heads, grid: config, labels },
      options: {
        ...{ ...options, frames: 1, steps: options.frameSteps },
        ...{ batchSize: options.frameBatchSize, learningRate: options.frameLearningRate },
      },
    },
    frameCheckpoint,
  );
  const model = beginAsVit(vit.namedParameters(), config);
  vit.dispose();
  return { model, onFrames };
}

const { model, onFrames } = await begin();
model.namedParameters().get('embeddings.position_embeddings')!.requiresGrad = false;
console.log(`${model.parameterCount.toLocaleString('en-US')} parameters`);
const training = { model, heads, grid: config, labels, options };
const onClips = await train(training, checkpoint);
const results = {
  onFrames,
  onClips,
  training: await scoreSplit(training, 'train'),
  validation: await scoreSplit(training, 'validation'),
};
const command = ['npm run make:video-model', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
await saveVideoModel(directory, model, config, { command, options, results }, labels.size);
for (const path of [checkpoint, frameCheckpoint]) forgetCheckpoint(path);
console.log(JSON.stringify(results, null, 2));
