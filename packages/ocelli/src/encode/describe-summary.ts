import { formatBytes } from '../memory/format-bytes.js';
import type { EncodedSet, EncodeSummary } from './encode-sets.js';

const count = (value: number): string => value.toLocaleString('en-US');

/** A line for each data set, and one for the cache. */
export function describeSummary({ directory, bytes, seconds, sets }: EncodeSummary): string {
  return [...sets.map(describeSet), `${directory}: ${formatBytes(bytes)}, ${seconds.toFixed(1)} s`].join(
    '\n',
  );
}

function describeSet({ place, samples, versions, hits, computed, broken, unkept }: EncodedSet): string {
  const all = `${count(samples)} samples${versions > 1 ? ` in ${count(versions)} versions` : ''}`;
  const parts = [`${count(hits)} were there`, `${count(computed)} computed`];
  if (broken > 0) parts.push(`${count(broken)} broken`);
  if (unkept > 0) parts.push(`${count(unkept)} not kept`);
  return `${place}: ${all}, ${parts.join(', ')}`;
}
