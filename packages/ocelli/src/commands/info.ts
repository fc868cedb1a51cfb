import { defineCommand } from 'citty';
import { downloadReporting } from '../cli/terminal-reporter.js';

const definition = defineCommand({
  meta: {
    name: 'info',
    description: 'Show the machine, the methods, an adapter, a checkpoint or the memory of a training.',
  },
  args: {
    checkpoint: {
      type: 'positional',
      required: false,
      description: 'Folder or hub id of an encoder or language model, or tiny, tiny-video, tiny-audio',
    },
    adapter: { type: 'string', valueHint: 'DIR', description: 'Folder of a saved adapter' },
    plan: {
      type: 'string',
      valueHint: 'CONFIG',
      description: 'Memory that ocelli train CONFIG would take, block by block',
    },
    json: { type: 'boolean', description: 'Print JSON' },
  },
  async run({ args }) {
    const { deviceFacts, machineFacts, methodFacts } = await import('../info/machine-facts.js');
    const { adapterFacts } = await import('../info/adapter-facts.js');
    const { checkpointFacts } = await import('../info/checkpoint-facts.js');
    const { formatFacts } = await import('../info/format-facts.js');
    if (args.plan) {
      const { readConfig } = await import('../config/read-config.js');
      const { planFromConfig } = await import('../memory/plan-from-config.js');
      const { planFacts, planJson } = await import('../info/plan-facts.js');
      const config = readConfig(args.plan);
      const plan = await planFromConfig(config, downloadReporting);
      process.stdout.write(
        `${args.json ? JSON.stringify(planJson(plan), null, 2) : formatFacts(planFacts(plan, config.training))}\n`,
      );
      return;
    }
    const sections = {
      ...(args.adapter || args.checkpoint
        ? {}
        : { machine: machineFacts(), devices: deviceFacts(), methods: methodFacts() }),
      ...(args.adapter ? { adapter: adapterFacts(args.adapter) } : {}),
      ...(args.checkpoint ? await checkpointFacts(args.checkpoint, downloadReporting) : {}),
    };
    process.stdout.write(`${args.json ? JSON.stringify(sections, null, 2) : formatFacts(sections)}\n`);
  },
});

/** `ocelli info`. */
export const infoCommand = {
  definition,
  examples: [
    'ocelli info                                      # this machine, its devices and the methods',
    'ocelli info --adapter out/demo/adapters/epalm    # an adapter: configuration and counts',
    'ocelli info models/opt-125m                      # a checkpoint',
    'ocelli info tiny --json                          # the embedded backbones',
    'ocelli info --plan my-pictures.yaml              # memory of a training, before it runs',
  ],
};
