// Makes the vision model: `npm run make:vision-model [-- --steps 2000 --width 64 ...]`, see options.ts.
// Killed and started again, it continues from its last checkpoint.
import { VitModel } from '@ocelli/backbones';
import { colourNames, concepts } from '@ocelli/emoji-scenes';
import { device, Random } from '@ocelli/ops';
import { forgetCheckpoint } from '../training/checkpoint.js';
import { parseOptions } from '../training/parse-options.js';
import { runFiles } from '../training/run-files.js';
import { PretrainingHeads } from './heads.js';
import { defaultOptions } from './options.js';
import { sineCosinePositions } from './positions.js';
import { saveVisionModel, vitConfigOf } from './save.js';
import { scoreSplit } from './score.js';
import { train } from './train.js';

const args = process.argv.slice(2).filter((arg) => arg !== '--');
const options = parseOptions(defaultOptions, args);
const { directory, checkpoint } = runFiles('vision-model', options, defaultOptions);

const random = new Random(options.seed);
const labels = new Map(concepts(options.concepts).map((concept, index) => [concept.id, index]));
const model = VitModel.initialize(vitConfigOf(options), random);
const heads = new PretrainingHeads(options.width, labels.size, colourNames.length, random);
const positions = model.namedParameters().get('embeddings.position_embeddings')!;
positions.write(sineCosinePositions(options.imageSize / options.patchSize, options.width));
positions.requiresGrad = false;
console.log(
  `${model.parameterCount.toLocaleString('en-US')} parameters, ${labels.size} things, ${device.isa}, ${device.threads} threads; writing to ${directory}`,
);

const report = await train({ model, heads, labels, options }, checkpoint);
const results = {
  ...report,
  training: await scoreSplit(model, heads, 'train', options, labels),
  validation: await scoreSplit(model, heads, 'validation', options, labels),
};
const command = ['npm run make:vision-model', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
await saveVisionModel(directory, model, { options, results }, labels.size, command);
forgetCheckpoint(checkpoint);
console.log(JSON.stringify(results, null, 2));
