// Writes docs/demo.md from docs/results/demo.json, the result of a run of `npm run demo`: npm run docs:demo
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface MethodResult {
  trainableParameters: number;
  trainablePercent: number;
  exactMatch: number;
  objectNamed: number;
  cider: number;
  bleu4: number;
  rougeL: number;
  vqaAccuracy: number;
  secondsToTrain: number;
  perQuestionType: Record<string, number>;
}

interface DemoResult {
  modality: 'image' | 'video' | 'audio';
  splits: Record<string, Record<string, MethodResult>>;
  floors: {
    majority: Record<string, Record<string, number>>;
    blind: Record<string, MethodResult>;
    singleFrame: Record<string, MethodResult>;
  };
  ceiling: Record<string, Record<string, number>>;
  seeds: number[];
  settings: Record<string, unknown>;
  environment: Record<string, unknown> & { seconds: Record<string, number> };
}

const at = (path: string): string => fileURLToPath(new URL(`../../docs/${path}`, import.meta.url));
const read = (file: string): DemoResult =>
  JSON.parse(readFileSync(at(`results/${file}`), 'utf8')) as DemoResult;

/** What the page says of each modality beside its numbers. */
const modalities = [
  {
    file: 'demo.json',
    title: 'Pictures',
    command: 'npm run demo',
    note: `One to four copies of a drawing on a coloured background. The ceiling is the [encoder](../packages/tiny/models/vision-model/README.md)'s.`,
  },
  {
    file: 'demo-video.json',
    title: 'Clips',
    command: 'npm run demo -- --modality video',
    note: `A drawing that moves, turns, grows, shakes or stays; the middle frame says nothing about it. *Single frame* is eP-ALM trained and
tested on that frame alone. The ceiling is the [encoder](../packages/tiny/models/video-model/README.md)'s.`,
  },
  {
    file: 'demo-audio.json',
    title: 'Recordings',
    command: 'npm run demo -- --modality audio',
    note: `A synthetic voice says a thing's name once, twice or three times. In this run MAGMA,
which also trains bottlenecks inside the language model, is ahead of eP-ALM on voices never heard and behind it on pairs never heard. The ceiling is the [encoder](../packages/tiny/models/audio-model/README.md)'s.`,
  },
] as const;
const percent = (fraction: number): string => (100 * fraction).toFixed(1);

function methodRow(name: string, m: MethodResult): string {
  const numbers = [percent(m.objectNamed), percent(m.exactMatch), m.cider.toFixed(2), m.bleu4.toFixed(3)];
  const trained = `${m.trainableParameters.toLocaleString('en-US')} (${m.trainablePercent.toFixed(2)} %)`;
  return `| ${name} | ${trained} | ${numbers.join(' | ')} | ${m.rougeL.toFixed(3)} | ${m.vqaAccuracy.toFixed(1)} | ${m.secondsToTrain.toFixed(0)} |`;
}

function methodTable(rows: readonly string[]): string {
  return `| method | trained | object named % | exact match % | CIDEr | BLEU-4 | ROUGE-L | answers % | seconds |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
${rows.join('\n')}`;
}

function splitSection(result: DemoResult, split: string): string {
  const methods = result.splits[split]!;
  const blind = result.floors.blind[split];
  const still = result.floors.singleFrame[split];
  const rows = Object.entries(methods).map(([name, method]) => methodRow(`\`${name}\``, method));
  if (still) rows.push(methodRow('single-frame eP-ALM (floor)', still));
  if (blind) rows.push(methodRow('blind eP-ALM (floor)', blind));
  const { together, ...facts } = result.ceiling[split]!;
  const ceiling = Object.entries(facts).map(([fact, share]) => `${fact} ${percent(share)} %`);
  const types = Object.keys(Object.values(methods)[0]!.perQuestionType);
  const columns = [
    ['majority', (type: string) => result.floors.majority[split]?.[type]],
    ['blind', (type: string) => blind?.perQuestionType[type]],
    ...(still ? [['single frame', (type: string) => still.perQuestionType[type]] as const] : []),
    ...Object.entries(methods).map(
      ([name, method]) => [`\`${name}\``, (type: string) => method.perQuestionType[type]] as const,
    ),
  ] as const;
  const answers = types.map(
    (type) => `| ${type} | ${columns.map(([, value]) => value(type)?.toFixed(1) ?? '–').join(' | ')} |`,
  );
  return `### ${split}

${methodTable(rows)}

Ceiling, a linear probe on the same frozen features: ${ceiling.join(', ')}, all three ${percent(together!)} %.

| question | ${columns.map(([name]) => name).join(' | ')} |
|---|${columns.map(() => '---:|').join('')}
${answers.join('\n')}
`;
}

/** The methods after so few steps: how fast they learn. */
function earlySection(steps: number): string {
  const { splits, seeds, settings } = read(`demo-${steps}-steps.json`);
  const rows = Object.entries(splits['unseen-artist']!).map(([name, method]) =>
    methodRow(`\`${name}\``, method),
  );
  return `### After ${steps} steps

What \`npm run demo -- --seeds ${seeds.length} --steps ${steps} --no-floors --methods ${Object.keys(splits['unseen-artist']!).join(',')}\` left ([results/demo-${steps}-steps.json](results/demo-${steps}-steps.json)) on \`unseen-artist\`, ${settings.batchSize} captions and questions a step.

${methodTable(rows)}
`;
}

function modalitySection({ file, title, command, note }: (typeof modalities)[number]): string {
  const result = read(file);
  const { processor, cores, isa, date, seconds } = result.environment;
  const sections = Object.keys(result.splits).map((split) => splitSection(result, split));
  return `## ${title}

What \`${command}${result.seeds.length === 1 ? '' : `${command.includes('--') ? '' : ' --'} --seeds ${result.seeds.length}`}\` left on ${String(date).slice(0, 10)} ([results/${file}](results/${file})): ${result.seeds.length} run(s) of each method,
${cores} cores of ${processor} (${isa}); ${Math.round(seconds.total!)} seconds in all, ${Math.round(seconds.training!)} of them training. ${note}

${sections.join('\n')}`;
}

writeFileSync(
  at('demo.md'),
  `# The demo's numbers

Written by \`npm run docs:demo\` from [results](results). Seconds depend on what else the machine did.

How to read it: the [language model](../packages/tiny/models/language-model/README.md) practised, on text alone, to read a vector that is put anew into each of its upper layers, as
eP-ALM puts its tokens. It reads one among the word embeddings nearly as well in the end, so LiMBeR comes close; [after 50](#after-50-steps) and [100 steps](#after-100-steps) it is far behind.
Settings were chosen on the validation artist and voices, the learning rates of the baselines too.

${modalities.map(modalitySection).join('\n')}
${earlySection(50)}
${earlySection(100)}`,
);
