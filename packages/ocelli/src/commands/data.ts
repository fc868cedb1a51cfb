import { defineCommand } from 'citty';
import { interruptible } from '../cli/interrupt.js';
import { UsageError } from '../cli/usage-error.js';

const definition = defineCommand({
  meta: {
    name: 'data',
    description: 'Check data: is all of it there, does it fit its format, how much is it?',
  },
  args: {
    action: { type: 'positional', required: true, description: 'check' },
    data: {
      type: 'positional',
      required: true,
      description:
        'A configuration (its data.train and data.validation), a folder, or a .jsonl, .parquet or .tar file',
    },
    media: { type: 'boolean', description: 'Decode pictures, a frame of videos and sound too; slower' },
    json: { type: 'boolean', description: 'Print JSON' },
  },
  async run({ args }) {
    if (args.action !== 'check') {
      throw new UsageError('data', `there is no action "${args.action}"; write ocelli data check DATA`);
    }
    const { dataToCheck } = await import('../data/check/data-to-check.js');
    const { checkData } = await import('../data/check/check-data.js');
    const { describeReport } = await import('../data/check/describe-report.js');
    const { terminalReporter } = await import('../cli/terminal-reporter.js');
    const media = args.media === true;
    const sets = dataToCheck(args.data);
    if (sets.length === 0)
      process.stderr.write('note: emoji scenes are drawn when asked for; there is nothing to check\n');
    const reports = await interruptible('stopping', async (signal) => {
      const done = [];
      for (const { place, config } of sets) {
        done.push({ place, ...(await checkData(config, { media, signal, reporter: terminalReporter })) });
      }
      return done;
    });
    process.stdout.write(
      args.json
        ? `${JSON.stringify(reports, null, 2)}\n`
        : reports.map(({ place, ...report }) => `${describeReport(place, report, media)}\n`).join('\n'),
    );
    const broken = reports.flatMap(({ problems }) => problems).reduce((sum, { count }) => sum + count, 0);
    if (broken === 0) return 0;
    process.stderr.write(
      `ocelli: [data check] ${broken.toLocaleString('en-US')} broken, listed above; correct them or take them out\n`,
    );
    return 1;
  },
});

/** `ocelli data`. */
export const dataCommand = {
  definition,
  notes: [
    'Data of your own is a folder with captions.jsonl, one JSON object a line, whose paths are inside of the folder:',
    '  {"image": "cat.jpg", "caption": "a cat on a mat"}',
    '  {"video": "talk.mp4", "question": "who speaks?", "answer": "a woman"}',
    'or rows: .jsonl, .parquet or .tar. A published data set is named by its format in a configuration; data alone is enough to check it:',
    '  data:',
    '    train: { format: gqa, annotations: GQA/train_balanced_questions.json, images: GQA/images }',
    'docs/datasets.md lists the formats, their fields and published sizes. Every sample is read and every file looked at; subset is left',
    'out. Of each kind of what is broken the first ten are shown. The exit code is 1 if anything is broken. Ids are compared among the',
    'first million samples.',
  ],
  examples: [
    'ocelli data check my-pictures                # a folder with captions.jsonl',
    'ocelli data check my-pictures.yaml --media   # what a configuration trains on; decodes all media',
    'ocelli data check shards                     # a folder of .parquet or .tar files',
  ],
};
