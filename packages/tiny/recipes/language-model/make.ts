// Makes the language model: `npm run make:language-model [-- --steps 300 --width 128 ...]`, see options.ts.
// Killed and started again, it continues from its last checkpoint.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { loadLanguageModel, parseOptConfig } from '@ocelli/backbones';
import { concepts } from '@ocelli/emoji-scenes';
import { Random, writeAtomically, writeSafetensors } from '@ocelli/ops';
import { forgetCheckpoint } from '../training/checkpoint.js';
import { parseOptions } from '../training/parse-options.js';
import { runFiles } from '../training/run-files.js';
import { modelCard } from './model-card.js';
import { generationConfig, modelConfig } from './model-config.js';
import { defaultOptions } from './options.js';
import { scoreModel } from './scores/score-model.js';
import { readSources } from './text/documents.js';
import { makeTokenizerFiles, openTokenizer } from './tokenizer/make-tokenizer.js';
import { initialize } from './training/initialize.js';
import { train } from './training/train.js';

const args = process.argv.slice(2).filter((arg) => arg !== '--');
const options = parseOptions(defaultOptions, args);
const { directory, checkpoint } = runFiles('language-model', options, defaultOptions);
const write = (file: string, contents: string | object) =>
  writeAtomically(join(directory, file), async (handle) => {
    await handle.writeFile(
      typeof contents === 'string' ? contents : `${JSON.stringify(contents, null, 2)}\n`,
    );
  });

console.log('reading WordNet and CLDR, learning the tokenizer');
const sources = readSources();
const files = makeTokenizerFiles(sources, options);
const tokenizer = openTokenizer(files);

const config = modelConfig(options);
const opt = parseOptConfig(config, 'the recipe');
const model = await initialize(opt, new Random(options.seed));
console.log(`${model.parameterCount.toLocaleString('en-US')} parameters; writing to ${directory}`);
const training = await train(model, sources, tokenizer, options, checkpoint);

await write('config.json', config);
await write('generation_config.json', generationConfig);
await write('tokenizer.json', files.tokenizer);
await write('tokenizer_config.json', files.config);
await writeSafetensors(join(directory, 'model.safetensors'), model.namedParameters(), {
  dtype: 'bfloat16',
  metadata: { format: 'pt' },
});
const parameters = model.parameterCount;
model.dispose();

console.log('measuring');
const demoLabels = new Set(concepts('demo').map(({ label }) => label));
const demo = sources.things.scenes.filter(({ label }) => demoLabels.has(label));
const finished = loadLanguageModel(directory);
const scores = await scoreModel(finished, tokenizer, sources, demo, options.slotLayer);
await write('scores.json', { options, training, scores });
const fileBytes = statSync(join(directory, 'model.safetensors')).size;
const command = ['npm run make:language-model', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
await write('README.md', modelCard({ options, parameters, fileBytes, sources, training, scores, command }));
forgetCheckpoint(checkpoint);
console.log(JSON.stringify(scores, null, 2));
