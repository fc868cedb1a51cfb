import { defineCommand } from 'citty';
import { numberOption } from '../cli/number-option.js';
import { downloadReporting } from '../cli/terminal-reporter.js';

const definition = defineCommand({
  meta: {
    name: 'verify',
    description: 'Compare a checkpoint with what its original implementation computed.',
  },
  args: {
    checkpoint: {
      type: 'positional',
      required: true,
      description: 'Folder or hub id of an encoder or language model',
    },
    fixture: {
      type: 'positional',
      required: true,
      description: 'safetensors file with inputs and expected outputs',
    },
    tolerance: { type: 'string', valueHint: 'X', description: 'Largest relative error', default: '1e-4' },
    json: { type: 'boolean', description: 'Print JSON' },
  },
  async run({ args }) {
    const tolerance = numberOption('verify', 'tolerance', args.tolerance, { minimum: 0, integer: false })!;
    const { verifyBackbone } = await import('@ocelli/backbones');
    const { locateBackbone } = await import('../pipelines/locate-backbones.js');
    const { formatTable } = await import('../terminal/index.js');
    const rows = await verifyBackbone(
      await locateBackbone('encoder', args.checkpoint, downloadReporting),
      args.fixture,
      { tolerance },
    );
    if (args.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    else {
      const table = formatTable(rows, [
        { label: 'Tensor', value: 'name' },
        { label: 'Shape', value: ({ shape }) => `[${shape.join(', ')}]` },
        {
          label: 'Relative error',
          value: ({ relativeError }) => relativeError.toExponential(2),
          align: 'right',
        },
        { label: `Within ${tolerance}`, value: ({ ok }) => (ok ? 'yes' : 'NO') },
      ]);
      process.stdout.write(`${table}\n`);
    }
    const wrong = rows.filter(({ ok }) => !ok);
    if (wrong.length === 0) return 0;
    process.stderr.write(
      `ocelli: [verify] ${wrong.length} of ${rows.length} tensors differ by more than ${tolerance}, first ${wrong[0]!.name}; ` +
        `compare the configuration and the fixture's dtype (float32)\n`,
    );
    return 1;
  },
});

/** `ocelli verify`. */
export const verifyCommand = {
  definition,
  notes: [
    'The fixture holds inputs by their Hugging Face names (input_ids, attention_mask, labels; pixel_values of pictures and',
    'videos, input_values of AST, input_features of Whisper) and any of',
    'hidden_states.N (0 is the embedding output), last_hidden_state, pooler_output, logits, loss,',
    'grad.inputs_embeds, grad.pixel_values (or of another input).',
    'T5 and BART: also decoder_input_ids and decoder_attention_mask; encoder_hidden_states.N, encoder_last_hidden_state,',
    'decoder_hidden_states.N and grad.decoder_inputs_embeds.',
    'Only attended positions are compared.',
  ],
  examples: [
    'ocelli verify models/opt-125m opt-125m.safetensors',
    'ocelli verify models/vit-base vit-base.safetensors --tolerance 1e-3',
  ],
};
