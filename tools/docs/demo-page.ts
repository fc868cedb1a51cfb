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
  splits: Record<string, Record<string, MethodResult>>;
  floors: { majority: Record<string, Record<string, number>>; blind: Record<string, MethodResult> };
  ceiling: Record<string, { object: number; count: number; colour: number; together: number }>;
  seeds: number[];
  settings: Record<string, unknown>;
  environment: Record<string, unknown> & { seconds: Record<string, number> };
}

const at = (path: string): string => fileURLToPath(new URL(`../../docs/${path}`, import.meta.url));
const result = JSON.parse(readFileSync(at('results/demo.json'), 'utf8')) as DemoResult;
const percent = (fraction: number): string => (100 * fraction).toFixed(1);

function methodRow(name: string, m: MethodResult): string {
  const numbers = [percent(m.objectNamed), percent(m.exactMatch), m.cider.toFixed(2), m.bleu4.toFixed(3)];
  const trained = `${m.trainableParameters.toLocaleString('en-US')} (${m.trainablePercent.toFixed(2)} %)`;
  return `| ${name} | ${trained} | ${numbers.join(' | ')} | ${m.rougeL.toFixed(3)} | ${m.vqaAccuracy.toFixed(1)} | ${m.secondsToTrain.toFixed(0)} |`;
}

function splitSection(split: string, methods: Record<string, MethodResult>): string {
  const blind = result.floors.blind[split];
  const rows = Object.entries(methods).map(([name, method]) => methodRow(`\`${name}\``, method));
  if (blind) rows.push(methodRow('blind eP-ALM (floor)', blind));
  const { object, count, colour, together } = result.ceiling[split]!;
  const types = Object.keys(Object.values(methods)[0]!.perQuestionType);
  const columns = [
    ['majority', (type: string) => result.floors.majority[split]?.[type]],
    ['blind', (type: string) => blind?.perQuestionType[type]],
    ...Object.entries(methods).map(
      ([name, method]) => [`\`${name}\``, (type: string) => method.perQuestionType[type]] as const,
    ),
  ] as const;
  const answers = types.map(
    (type) => `| ${type} | ${columns.map(([, value]) => value(type)?.toFixed(1) ?? '–').join(' | ')} |`,
  );
  return `## ${split}

| method | trained | object named % | exact match % | CIDEr | BLEU-4 | ROUGE-L | answers % | seconds |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
${rows.join('\n')}

Ceiling, a linear probe on the same frozen features: object ${percent(object)} %, count ${percent(count)} %, colour ${percent(colour)} %, all three ${percent(together)} %.

| question | ${columns.map(([name]) => name).join(' | ')} |
|---|${columns.map(() => '---:|').join('')}
${answers.join('\n')}
`;
}

const { processor, cores, isa, date, seconds } = result.environment;
writeFileSync(
  at('demo.md'),
  `# The demo's numbers

Written by \`npm run docs:demo\` from [results/demo.json](results/demo.json), what \`npm run demo\` left on ${String(date).slice(0, 10)}: ${result.seeds.length} run(s) of each method,
${cores} cores of ${processor} (${isa}), shared with other work; ${Math.round(seconds.total!)} seconds in all, ${Math.round(seconds.training!)} of them training.

How to read it: the [language model](../packages/tiny/models/language-model/README.md) practised, on text alone, to read a vector that is put into its upper half, which is where
eP-ALM puts its tokens; no encoder was near, but methods that put theirs among the word embeddings (LiMBeR, PromptFuse, MAGMA) meet a model that did not practise for them. Settings
were chosen on the validation artist for eP-ALM, and each baseline's learning rate too. The [encoder](../packages/tiny/models/vision-model/README.md) learnt things, numbers and
background colours from class numbers.

${Object.entries(result.splits)
  .map(([split, methods]) => splitSection(split, methods))
  .join('\n')}`,
);
