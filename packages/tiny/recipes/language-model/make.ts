// Makes the language model: `npm run make:language-model [-- --steps 300 --width 128 ...]`, see options.ts.
// Killed and started again, it continues from its last checkpoint.
import { createHash } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadLanguageModel, parseOptConfig } from '@ocelli/backbones';
import { concepts } from '@ocelli/emoji-scenes';
import { Random, writeAtomically, writeSafetensors } from '@ocelli/ops';
import { modelCard } from './model-card.js';
import { generationConfig, modelConfig } from './model-config.js';
import { defaultOptions, parseOptions } from './options.js';
import { scoreModel } from './scores/score-model.js';
import { readSources } from './text/documents.js';
import { makeTokenizerFiles, openTokenizer } from './tokenizer/make-tokenizer.js';
import { initialize } from './training/initialize.js';
import { forgetCheckpoint, train } from './training/train.js';

const args = process.argv.slice(2).filter((arg) => arg !== '--');
const options = parseOptions(args);
const isDefault = JSON.stringify(options) === JSON.stringify(defaultOptions);
const root = fileURLToPath(new URL('../..', import.meta.url));
const name = createHash('sha256').update(JSON.stringify(options)).digest('hex').slice(0, 12);
const scratch = join(root, '.cache', 'language-model', name);
// Only the published options write to the published place.
const directory = isDefault ? join(root, 'models', 'language-model') : scratch;
mkdirSync(scratch, { recursive: true });
mkdirSync(directory, { recursive: true });
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
const checkpoint = join(scratch, 'checkpoint.safetensors');
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
const scores = await scoreModel(finished, tokenizer, sources, demo);
await write('scores.json', { options, training, scores });
const fileBytes = statSync(join(directory, 'model.safetensors')).size;
const command = ['npm run make:language-model', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
await write('README.md', modelCard({ options, parameters, fileBytes, sources, training, scores, command }));
forgetCheckpoint(checkpoint);
console.log(JSON.stringify(scores, null, 2));
