// Writes docs/datasets.md, every dataset format, from the registry: npm run docs:datasets
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type DatasetFormat, datasetFormats } from '../../packages/datasets/src/index.js';

const cell = (text: string) => text.replaceAll('|', '\\|');

/** Angle brackets outside of code would be taken for HTML. */
const escaped = (text: string) =>
  text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? part.replaceAll('<', '\\<') : part))
    .join('`');

function sizes({ published }: DatasetFormat): string {
  if (published === undefined) return '–';
  const splits = Object.entries(published.sizes).map(
    ([split, size]) => `${split} ${size.toLocaleString('en-US')}`,
  );
  return `${published.counted}: ${splits.join(', ')}`;
}

const rows = datasetFormats.map((format) =>
  [
    `[\`${format.name}\`](#${format.name})`,
    format.title,
    format.modalities.join(', '),
    format.task,
    format.licence,
    sizes(format),
  ].map(cell),
);

const sections = datasetFormats.map(({ name, title, source, reads, fields }) =>
  [
    `### ${name}`,
    '',
    `${title}. From ${source.endsWith('.') ? source : `${source}.`}`,
    '',
    `Reads ${escaped(reads)}`,
    '',
    ...Object.entries(fields).map(
      ([key, { description, required }]) =>
        `- \`${key}\`${required ? '' : ' (may be left out)'}: ${escaped(description)}`,
    ),
  ].join('\n'),
);

const page = `# Datasets

Written by \`npm run docs:datasets\` from the registry of formats (\`packages/datasets/src/formats\`). A configuration names a data set by
its \`format\`:

\`\`\`yaml
data:
  train: { format: gqa, annotations: GQA/train_balanced_questions.json, images: GQA/images }
  validation: { format: gqa, annotations: GQA/testdev_balanced_questions.json, images: GQA/images }
\`\`\`

\`ocelli data check CONFIG\` (or a folder, or a file) reads all of it, looks at every file (\`--media\` decodes pictures, a frame of each video and sound), compares the
counts with the published sizes below, lists what is broken, and exits with 1 if anything is. Nothing is downloaded: get annotations and
media from where they are published. Licences and sizes are what their authors state, to our knowledge; the source decides.

Published files are read record by record, so that a file larger than the memory's longest text (VQA's annotations are 370 MB) is no
trouble; their samples are kept in memory, their media are not. \`jsonl\`, \`parquet\` and \`webdataset\` are streamed: samples are read when asked
for, in runs of lines, row groups or archive entries, of which the last ones stay in memory.

What is broken is an error that names the file and its line or record (from 1). Every format also takes:

- \`subset\`: a part for low-data training, chosen by id so that it does not depend on the order of the file, the smaller inside the larger of the
  same \`seed\`: \`{ fraction: 0.01, seed: 0 }\`, \`{ shots: 512 }\`, or \`{ first: 512 }\` in file order. \`of: texts\` counts captions and questions in place of
  samples; \`{ shots: 16, of: texts, perType: true }\` takes as many of each question type.
- \`checkMedia\`: look for every file when opening. Default true, false for streamed formats.

| \`format\` | data set | modality | task | licence | published size |
|---|---|---|---|---|---|
${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}

## Formats

${sections.join('\n\n')}
`;
writeFileSync(fileURLToPath(new URL('../../docs/datasets.md', import.meta.url)), page);
