import type { Pixels } from '@ocelli/datasets';
import { exactMatch } from '@ocelli/evaluation';
import { drawRow, formatTable, type TableColumn } from '../terminal/index.js';
import type { DemoSample, DemoWords } from './modality.js';
import type { DemoResult, MethodResult } from './result.js';
import type { DemoExample, DemoOutcome } from './run-demo.js';

type Row = MethodResult & { readonly name: string };

const columns: readonly TableColumn<Row>[] = [
  { label: 'Method', value: 'name' },
  {
    label: 'Trained',
    value: ({ trainableParameters }) => trainableParameters.toLocaleString('en-US'),
    align: 'right',
  },
  { label: '%', value: 'trainablePercent', digits: 2 },
  { label: 'Object %', value: ({ objectNamed }) => 100 * objectNamed, digits: 1 },
  { label: 'Exact %', value: ({ exactMatch }) => 100 * exactMatch, digits: 1 },
  { label: 'CIDEr', value: 'cider', digits: 2 },
  { label: 'BLEU-4', value: 'bleu4', digits: 3 },
  { label: 'ROUGE-L', value: 'rougeL', digits: 3 },
  { label: 'VQA %', value: 'vqaAccuracy', digits: 1 },
  { label: 'Seconds', value: 'secondsToTrain', digits: 0 },
];

/** The results on one split as a table, the floors at its end. */
export function resultTable(result: DemoResult, split: string): string {
  const { blind, singleFrame } = result.floors;
  const rows: Row[] = Object.entries(result.splits[split] ?? {}).map(([name, scores]) => ({
    name,
    ...scores,
  }));
  if (singleFrame[split]) rows.push({ name: '(single-frame eP-ALM)', ...singleFrame[split] });
  if (blind[split]) rows.push({ name: '(blind eP-ALM)', ...blind[split] });
  return `${split}\n${formatTable(rows, columns)}`;
}

/** Answers by type of question for the first method, between the floors and the ceiling. */
export function floorLines({ splits, floors, ceiling }: DemoResult): string {
  return Object.entries(splits)
    .map(([split, methods]) => {
      const [name, scores] = Object.entries(methods)[0] ?? [];
      const majority = floors.majority[split] ?? {};
      const blind = floors.blind[split]?.perQuestionType ?? {};
      const still = floors.singleFrame[split]?.perQuestionType;
      const probe: Partial<Record<string, number>> = ceiling[split] ?? {};
      const types = Object.keys(majority).map((type) => ({
        type,
        majority: majority[type],
        blind: blind[type],
        still: still?.[type],
        method: scores?.perQuestionType[type],
        probe: probe[type] === undefined ? undefined : 100 * probe[type],
      }));
      const table = formatTable(types, [
        { label: 'Question', value: 'type' },
        { label: 'Majority %', value: 'majority', digits: 1 },
        { label: 'Blind %', value: 'blind', digits: 1 },
        ...(still ? [{ label: 'Single frame %', value: 'still', digits: 1 } as const] : []),
        { label: `${name ?? 'method'} %`, value: 'method', digits: 1 },
        { label: 'Linear probe %', value: 'probe', digits: 1 },
      ]);
      const together =
        probe.together === undefined
          ? ''
          : `\nprobe, all facts together: ${(100 * probe.together).toFixed(1)} %`;
      return `${split}: answers\n${table}${together}`;
    })
    .join('\n\n');
}

const shown = 8;
const pictureColumns = 24;

/** Eight captions of held-out samples by the first method, under the pictures where the terminal can show them. */
export async function exampleLines(
  { examples, curves }: DemoOutcome,
  { unseen }: DemoWords,
): Promise<string> {
  const [method] = Object.keys(curves);
  const chosen = examples.slice(0, shown);
  const captions = chosen.map((example) => exampleCaption(example, method!));
  const pixels = (await Promise.all(chosen.map(({ sample }) => thumbnail(sample)))).filter(
    (picture) => picture !== null,
  );
  const drawn = pixels.length === chosen.length ? drawRow(pixels, captions, { columns: pictureColumns }) : '';
  const body = drawn === '' ? captions.map((caption) => `  ${caption}`).join('\n') : drawn;
  return `${unseen}, captioned by ${method}:\n${body}`;
}

/** A picture, or the middle frame of a clip; nothing of a recording. */
async function thumbnail(sample: DemoSample): Promise<Pixels | null> {
  const content = await sample.show();
  if ('samples' in content) return null;
  return 'frames' in content ? content.frames[Math.floor(content.frames.length / 2)]! : content;
}

function exampleCaption({ sample, captions }: DemoExample, method: string): string {
  const caption = captions[method] ?? '';
  const isRight = exactMatch(caption, sample.text.captions);
  return isRight ? `✓ ${caption}` : `✗ ${caption} (${sample.text.captions[0]})`;
}
