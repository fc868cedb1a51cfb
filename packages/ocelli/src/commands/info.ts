import { defineCommand } from 'citty';

const definition = defineCommand({
  meta: { name: 'info', description: 'Show the machine, the methods, an adapter or a checkpoint.' },
  args: {
    checkpoint: {
      type: 'positional',
      required: false,
      description: 'Folder of an encoder or language model, or tiny',
    },
    adapter: { type: 'string', valueHint: 'DIR', description: 'Folder of a saved adapter' },
    json: { type: 'boolean', description: 'Print JSON' },
  },
  async run({ args }) {
    const { machineFacts, methodFacts } = await import('../info/machine-facts.js');
    const { adapterFacts } = await import('../info/adapter-facts.js');
    const { checkpointFacts } = await import('../info/checkpoint-facts.js');
    const { formatFacts } = await import('../info/format-facts.js');
    const sections = {
      ...(args.adapter || args.checkpoint ? {} : { machine: machineFacts(), methods: methodFacts() }),
      ...(args.adapter ? { adapter: adapterFacts(args.adapter) } : {}),
      ...(args.checkpoint ? checkpointFacts(args.checkpoint) : {}),
    };
    process.stdout.write(`${args.json ? JSON.stringify(sections, null, 2) : formatFacts(sections)}\n`);
  },
});

/** `ocelli info`. */
export const infoCommand = {
  definition,
  examples: [
    'ocelli info                                      # this machine and the methods',
    'ocelli info --adapter out/demo/adapters/epalm    # an adapter: configuration and counts',
    'ocelli info models/opt-125m                      # a checkpoint',
    'ocelli info tiny --json                          # the embedded backbones',
  ],
};
