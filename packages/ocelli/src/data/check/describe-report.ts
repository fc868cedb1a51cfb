import type { DataReport } from './check-data.js';
import { problemNames } from './problems.js';
import { describePublished } from './published-size.js';

/**
 * What was found, for a person.
 *
 * @param place where the configuration names the data, such as `data.train`; none for data that was named itself.
 * @param decoded whether pictures were decoded.
 */
export function describeReport(
  place: string | null,
  { name, format, counts, published, comparedIds, problems }: DataReport,
  decoded: boolean,
): string {
  const number = (value: number) => value.toLocaleString('en-US');
  const some = (entries: readonly (readonly [number, string])[]) =>
    entries
      .filter(([value]) => value > 0)
      .map(([value, what]) => `${number(value)} ${value === 1 ? what : `${what}s`}`)
      .join(', ');
  const texts = some([
    [counts.captions, 'caption'],
    [counts.questions, 'question'],
  ]);
  const media = some([
    [counts.pictures, 'picture'],
    [counts.videos, 'video'],
    [counts.recordings, 'recording'],
  ]);
  const looked = `each ${decoded ? 'decodes' : 'is there and readable'} unless it is named below`;
  return [
    `${place === null ? '' : `${place}: `}${format}, ${name}`,
    `  samples    ${number(counts.samples)}`,
    `  texts      ${texts || 'none'}${counts.unanswered > 0 ? `; ${number(counts.unanswered)} of the questions without an answer` : ''}`,
    `  media      ${media === '' ? 'none' : `${media}: ${looked}`}`,
    ...(published ? [`  published  ${describePublished(published)}`] : []),
    ...(comparedIds < counts.samples
      ? [`  ids        compared among the first ${number(comparedIds)} samples`]
      : []),
    ...(problems.length === 0 ? ['  broken     nothing'] : []),
    ...problems.flatMap(({ kind, count, first }) => [
      `  broken     ${problemNames[kind]}: ${number(count)}`,
      ...first.map((message) => `    ${message}`),
      ...(count > first.length ? [`    and ${number(count - first.length)} more`] : []),
    ]),
  ].join('\n');
}
