import type { OcelliConfig } from '../src/config/read-config.js';

const columns = [
  'configuration',
  'encoder',
  'language model',
  'trained',
  'frames',
  'epochs',
  'examples a step',
  'rates',
  'published',
  'where',
];

function row(name: string, config: OcelliConfig): string[] {
  const { encoder, languageModel, about, inputs, training } = config;
  const { epochs, batchSize, gradientAccumulation, learningRate, promptLearningRate, schedule } = training;
  const { prompt, sharedProjection } = config.adapter.config as {
    prompt: { length: number; mlp: boolean };
    sharedProjection: boolean;
  };
  const published = Object.entries(about?.published ?? {}).map(([metric, score]) => `${metric} ${score}`);
  const rates =
    promptLearningRate === undefined ? `${learningRate}` : `${learningRate}, prompt ${promptLearningRate}`;
  return [
    `[${about!.title}](${name})`,
    encoder.replace(/^.*\//, ''),
    languageModel.replace(/^.*\//, ''),
    `${sharedProjection ? 'one projection' : 'a projection a feature'}, ${prompt.length} prompt tokens${prompt.mlp ? ' by an MLP' : ''}`,
    String(inputs.frames ?? ''),
    String(epochs),
    String(batchSize * gradientAccumulation),
    `${rates}; ${schedule}`,
    published.join(', ') || '–',
    about?.source ?? '',
  ];
}

/** `configs/epalm/README.md`, whose table is what the files say. */
export function epalmReadme(configs: readonly (readonly [string, OcelliConfig])[]): string {
  const lines = [columns, columns.map(() => '---'), ...configs.map(([name, config]) => row(name, config))];
  return `# The trainings of eP-ALM

One file for each published training of "eP-ALM: Efficient Perceptual Augmentation of Language Models" (Shukor, Dancette and Cord,
ICCV 2023): what the authors released, and for videos and sound with OPT-6.7B, whose files they did not release, what follows from
the others. Each file says what data to get and where, under which licence, which machines it stands for, and what differs from the
released code and why.

Before you wait for hours or days, ask whether it will run here, with your data:

\`\`\`sh
ocelli train configs/epalm/pt-l-vqa.yaml --set data.root=/data --dry-run
\`\`\`

It reads all annotations, looks for every file, plans the memory of the real models, trains two steps and scores a few samples. It
downloads nothing: a tiny random model of the same architecture and depth takes the place of one that is not on your machine. Then:

\`\`\`sh
ocelli train configs/epalm/pt-l-vqa.yaml --set data.root=/data,output=/runs/vqa
ocelli eval --adapter /runs/vqa --data configs/epalm/pt-l-vqa.yaml --split test --set data.root=/data
\`\`\`

Nobody has trained these here: the published numbers below are the authors', as they print them (CIDEr and fractions times 100). The
tests of this repository run every file with \`--dry-run\` on a miniature copy of its data.

${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}

Written from the files by \`npx vitest run --project ocelli epalm-configs -u\`; the same test fails if they differ.
`;
}
