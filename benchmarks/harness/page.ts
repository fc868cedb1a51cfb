import { formatBarNumber, formatLimit, type Verdict } from './bars.js';
import { formatRate, formatSeconds } from './format-row.js';
import type { ResultFile } from './result-file.js';
import { type Row, resultOf } from './row.js';

const percent = (fraction: number): string => `${(100 * fraction).toFixed(0)} %`;

function barTable(bars: readonly Verdict[]): string {
  const rows = bars.map((verdict) => {
    const { what, how, unit, measured, note, reached, ceiling } = verdict;
    const found = measured === null ? 'not measured' : formatBarNumber(measured, unit);
    const most = ceiling === undefined ? '' : formatBarNumber(ceiling, unit);
    const cells = [what, how, formatLimit(verdict), found, reached ? 'reached' : '**short**', most, note];
    return `| ${cells.join(' | ')} |`;
  });
  return `A ratio *at the whole peak* is what it would be if our code ran at all of the peak measured beside it: no code on this machine gets further.

| bar | how it is computed | | measured | | at the whole peak | |\n|---|---|---|---:|---|---:|---|\n${rows.join('\n')}`;
}

/** One table of a family: a line for each case, ours first, then every peer that did any of them. */
function familyTable(rows: readonly Row[]): string {
  const peers = [
    ...new Set(rows.flatMap(({ results }) => results.slice(1).map(({ contender }) => contender))),
  ];
  const extras = [...new Set(rows.flatMap(({ results }) => Object.keys(results[0]?.extra ?? {})))];
  const withRate = rows.some(({ unit }) => unit);
  const head = ['case', 'threads', 'ours', ...(withRate ? ['rate', 'of the peak'] : []), ...extras];
  const lines = rows.map((row) => {
    const ours = row.results[0]!;
    const { median, lower, upper } = ours.share ?? {};
    const share = median === undefined ? '' : `${percent(median)} (${percent(lower!)}–${percent(upper!)})`;
    const cells = [
      `${row.label}${row.busy ? ' (busy)' : ''}`,
      String(row.threads),
      formatSeconds(ours.seconds.median),
      ...(withRate ? [ours.rate ? formatRate(ours.rate.median, row.unit) : '', share] : []),
      ...extras.map((name) => String(ours.extra?.[name] ?? '')),
      ...peers.map((peer) => {
        const result = resultOf(row, peer);
        if (!result) return '';
        const times = result.timesOurs ? ` (${result.timesOurs.median.toFixed(2)}x)` : '';
        const of = result.share ? `, ${percent(result.share.median)}` : '';
        return `${formatSeconds(result.seconds.median)}${of}${times}`;
      }),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const titles = [...head, ...peers];
  const rule = titles.map((_, i) => (i === 0 ? '---' : '---:')).join('|');
  return `| ${titles.join(' | ')} |\n|${rule}|\n${lines.join('\n')}`;
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(0)} GiB`;

function machineText({ machine, command, otherLoad, busy, seconds }: ResultFile): string {
  const peers = Object.entries(machine.peers).map(([name, version]) => `${name} ${version}`);
  const cache = machine.lastCacheBytes === null ? '' : `, last cache ${machine.lastCacheBytes / 2 ** 20} MiB`;
  const load =
    otherLoad === null
      ? 'what other processes used is not known'
      : `other processes used ${percent(otherLoad)} of a core`;
  return `${machine.cores} cores of ${machine.processor}${cache}, ${gibibytes(machine.memoryBytes)} of memory, ${machine.platform}, Node ${machine.node}, kernels for **${machine.isa}**; ${machine.date.slice(0, 10)}.
Beside it: ${peers.join(', ') || 'no peer'}. \`npm run bench -- ${command}\` took ${seconds} s, and ${load}.${
    busy
      ? '\n\n**The machine was busy: take these numbers as a sample of the format, and the ratios with salt.**'
      : ''
  }`;
}

function section(name: string, result: ResultFile): string {
  const { rows } = result;
  const families = [...new Set(rows.map(({ suite, family }) => `${suite}: ${family}`))];
  const tables = families.map((title) => {
    const own = rows.filter(({ suite, family }) => `${suite}: ${family}` === title);
    return `### ${title}\n\n${familyTable(own)}`;
  });
  return `## ${name}

${[machineText(result), ...(result.bars.length > 0 ? [`### Bars\n\n${barTable(result.bars)}`] : []), ...tables].join('\n\n')}
`;
}

/** docs/benchmarks.md from the files of benchmarks/results, by name without `.json`. */
export function benchmarksPage(results: Readonly<Record<string, ResultFile>>): string {
  const names = Object.keys(results).sort();
  return `# Benchmarks

Written by \`npm run docs:benchmarks\` from ${names.map((name) => `[${name}.json](../benchmarks/results/${name}.json)`).join(', ')}; no figure is typed by hand. [How the numbers are taken](../benchmarks/README.md).

How to read it: times are medians of samples in which ours and its peers took turns. *Of the peak*: our rate over the machine's own, measured just before and just after each sample – multiply-adds in registers for
FLOP/s, reading or copying as many bytes for B/s – with the quartiles in brackets. A peer's cell is its time, its share of the same peak, and in brackets how many times as long as ours it took (above 1, ours is faster).

${names.map((name) => section(name, results[name]!)).join('\n')}`;
}
