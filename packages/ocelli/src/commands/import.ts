import { defineCommand } from 'citty';
import { downloadReporting } from '../cli/terminal-reporter.js';

const definition = defineCommand({
  meta: {
    name: 'import',
    description: "Turn a checkpoint of the authors of eP-ALM into an adapter of Ocelli's.",
  },
  args: {
    checkpoint: {
      type: 'positional',
      required: true,
      description: 'Their checkpoint_best.pth or checkpoint_last.pth',
    },
    encoder: {
      type: 'string',
      required: true,
      valueHint: 'NAME',
      description: 'Folder or hub id of the encoder that it was trained for',
    },
    'language-model': {
      type: 'string',
      required: true,
      valueHint: 'NAME',
      description: 'Folder or hub id of the OPT that it was trained for',
    },
    output: {
      type: 'string',
      required: true,
      valueHint: 'DIR',
      description: 'Folder of the adapter to write',
    },
    config: {
      type: 'string',
      valueHint: 'FILE',
      description: 'The YAML file that it was trained with, in place of the configuration in the checkpoint',
    },
  },
  async run({ args }) {
    const { importEpalm } = await import('../import/import-epalm.js');
    const { adapter, beams, maxLength } = await importEpalm({
      checkpoint: args.checkpoint,
      encoder: args.encoder,
      languageModel: args['language-model'],
      output: args.output,
      ...downloadReporting,
      ...(args.config === undefined ? {} : { config: args.config }),
    });
    const prompt = adapter.prompt.length === 0 ? 'no soft prompt' : `${adapter.prompt.length} soft tokens`;
    process.stdout.write(
      `${args.output}: eP-ALM with ${adapter.features} features into layers ${adapter.startLayer} to ${adapter.endLayer! - 1}, ${prompt}\n` +
        (beams === null
          ? `the authors drew answers of up to ${maxLength} tokens; ocelli eval takes the likeliest\n`
          : `scored as by the authors: ocelli eval --adapter ${args.output} --data DATA --decoding reference --beams ${beams} ` +
            `--max-new-tokens ${maxLength}\n`),
    );
  },
});

/** `ocelli import`. */
export const importCommand = {
  definition,
  notes: [
    'The adapter keeps how the authors prepare pictures (bicubic to a square, normalised as for CLIP) and questions ("?" and </a>),',
    'and computes as theirs does (compat: reference). Nothing in a .pth file is executed, and of the backbones no more is read than tells them apart.',
  ],
  examples: [
    'ocelli import checkpoint_best.pth --encoder models/vit-base --language-model models/opt-2.7b --output out/epalm-vqa',
    'ocelli import checkpoint_best.pth --config ePALM_vqa.yaml --encoder models/vit --language-model models/opt --output out/vqa',
    'ocelli answer photo.jpg "what is this?" --adapter out/epalm-vqa --beams 3',
  ],
};
