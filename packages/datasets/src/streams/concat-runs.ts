import { type RunSource, runOf } from './run-dataset.js';

/** Several sources one after the other, as the shards of a data set. */
export function concatRuns(name: string, sources: readonly RunSource[]): RunSource {
  const [only] = sources;
  if (sources.length === 1) return { ...only!, name };
  const starts = new Float64Array(sources.reduce((sum, { runs }) => sum + runs.starts.length, 0));
  /** First run of each source. */
  const firsts: number[] = [];
  let length = 0;
  let run = 0;
  for (const source of sources) {
    firsts.push(run);
    for (let own = 0; own < source.runs.starts.length; own++)
      starts[run++] = length + source.runs.starts[own]!;
    length += source.length;
  }
  const filled = firsts.filter((first, index) => first !== (firsts[index + 1] ?? run));
  const filledSources = sources.filter(({ runs }) => runs.starts.length > 0);
  return {
    name,
    length,
    runs: { starts, kept: Math.min(...sources.map(({ runs }) => runs.kept)) },
    read(wanted) {
      const index = runOf(filled, wanted);
      return filledSources[index]!.read(wanted - filled[index]!);
    },
  };
}
