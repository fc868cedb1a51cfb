// Makes the audio model: `npm run make:audio-model [-- --steps 2000 --width 64 ...]`, see options.ts.
// Killed and started again, it continues from its last checkpoint; the words of the bank are spoken again.
import { AudioSpectrogramTransformerModel } from '@ocelli/backbones';
import { concepts } from '@ocelli/emoji-scenes';
import { device, Random } from '@ocelli/ops';
import { forgetCheckpoint } from '../training/checkpoint.js';
import { parseOptions } from '../training/parse-options.js';
import { runFiles } from '../training/run-files.js';
import { gridOf, sineCosinePositions } from './grid.js';
import { PretrainingHeads } from './heads.js';
import { defaultOptions } from './options.js';
import { astConfigOf, saveAudioModel } from './save.js';
import { recordBatches, scoreBatches } from './score.js';
import { makeSoundBank } from './sound-bank.js';
import { train } from './train.js';

const args = process.argv.slice(2).filter((arg) => arg !== '--');
const options = parseOptions(defaultOptions, args);
const { directory, checkpoint } = runFiles('audio-model', options, defaultOptions);
device.threads = options.threads;

const random = new Random(options.seed);
const labels = new Map(concepts(options.concepts).map((concept, index) => [concept.id, index]));
const model = AudioSpectrogramTransformerModel.initialize(astConfigOf(options), random);
const heads = new PretrainingHeads(options.width, labels.size, random);
const positions = model.namedParameters().get('embeddings.position_embeddings')!;
positions.write(sineCosinePositions(gridOf(options), options.width));
positions.requiresGrad = false;
console.log(
  `${model.parameterCount.toLocaleString('en-US')} parameters, ${labels.size} things, ${device.isa}, ${device.threads} threads; writing to ${directory}`,
);

const start = performance.now();
const bank = await makeSoundBank(options, (done, all) => {
  if (done % 10 === 0 || done === all) console.log(`${done} of ${all} things spoken`);
});
const bankSeconds = (performance.now() - start) / 1000;
const validation = await recordBatches('validation', options, labels);
const report = await train({ model, heads, labels, bank, validation, options }, checkpoint);
const training = await recordBatches('train', options, labels);
const results = {
  ...report,
  bankSeconds,
  training: await scoreBatches(model, heads, training, options),
  validation: await scoreBatches(model, heads, validation, options),
};
const command = ['npm run make:audio-model', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
await saveAudioModel(directory, model, { options, results }, labels.size, command);
forgetCheckpoint(checkpoint);
console.log(JSON.stringify(results, null, 2));
