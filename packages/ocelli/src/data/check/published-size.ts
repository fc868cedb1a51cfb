import { basename } from 'node:path';
import { type Counted, type DatasetConfig, datasetFormat } from '@ocelli/datasets';

/** How a count compares with what was published. */
export interface PublishedSize {
  readonly counted: Counted;
  readonly found: number;
  /** The split that the configuration is about, or null where neither it nor the name of the file says. */
  readonly split: string | null;
  /** Published sizes by split: that of `split`, or all. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** Compares with the published size, or gives null for data of one's own. */
export function publishedSize(
  config: DatasetConfig,
  counts: Readonly<Record<Counted, number>>,
): PublishedSize | null {
  const published = datasetFormat(config.format)?.published;
  if (published === undefined) return null;
  const { counted, sizes } = published;
  const split = splitOf(config, Object.keys(sizes));
  return {
    counted,
    found: counts[counted],
    split,
    sizes: split === null ? sizes : { [split]: sizes[split]! },
  };
}

/** The split that the configuration names, or whose name stands in that of its file (the longest, if several do). */
function splitOf(config: DatasetConfig, splits: readonly string[]): string | null {
  if ('split' in config && config.split !== undefined)
    return splits.includes(config.split) ? config.split : null;
  if (splits.length === 1) return splits[0]!;
  const paths = config as { readonly annotations?: string; readonly questions?: string };
  const name = basename(paths.questions ?? paths.annotations ?? '');
  const named = splits.filter((split) => new RegExp(`(^|[^a-z])${split}($|[^a-z])`, 'i').test(name));
  return named.sort((one, other) => other.length - one.length)[0] ?? null;
}

/** One line for a person. */
export function describePublished({ counted, found, split, sizes }: PublishedSize): string {
  const number = (value: number) => value.toLocaleString('en-US');
  const equal = Object.entries(sizes).find(([, size]) => size === found)?.[0];
  if (equal !== undefined) return `${number(found)} ${counted}, the published size of ${equal}`;
  const all = Object.entries(sizes)
    .map(([name, size]) => `${name} ${number(size)}`)
    .join(', ');
  if (split === null) return `${number(found)} ${counted}; published: ${all}`;
  const difference = Math.abs(found - sizes[split]!);
  const relation = found < sizes[split]! ? 'fewer' : 'more';
  return `${number(found)} ${counted}, ${number(difference)} ${relation} than the ${number(sizes[split]!)} published of ${split}`;
}
