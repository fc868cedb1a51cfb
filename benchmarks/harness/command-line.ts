import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export interface CommandLine {
  readonly help: boolean;
  readonly suites: readonly string[];
  readonly filters: readonly string[];
  readonly threads: readonly number[];
  readonly python: string | undefined;
  readonly json: string | undefined;
  readonly check: boolean;
  readonly full: boolean;
  readonly profile: boolean;
  readonly busy: boolean;
}

export const usage = (
  suites: readonly { name: string; about: string }[],
): string => `npm run bench -- [SUITE ...] [option ...]

Measures Ocelli beside its peers, each in turns, each sample set against what the processor can do at that moment.
Take numbers on an idle machine: it refuses while other processes use more than 15 % of a core.

suites (all of them by default)
${suites.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`).join('\n')}

options
  --filter TEXT    only rows whose family or label has TEXT in it, as "gemm", "64 x 768"; may be given again
  --threads 1,2    numbers of threads (default: 1 and 2, as far as there are cores)
  --python PATH    an interpreter with PyTorch, the peer (or OCELLI_BENCH_PYTHON); python3 -m venv DIR, then
                   DIR/bin/pip install torch==2.13.0 transformers==5.18.0
  --json FILE      keeps the rows, with the machine's description
  --check          only what the bars of benchmarks/bars.json need; exits 1 if one falls short
  --full           more shapes (step: batch 1 to 64, 16 to 512 tokens)
  --profile        where the time of a training step goes, by kernel (step), and nothing else of its suite
  --busy           measures although others load the cores, and marks the result
  --help           this

examples
  npm run bench -- kernels --filter gemm --threads 1
  npm run bench -- --python DIR/bin/python --json benchmarks/results/NAME.json && npm run docs:benchmarks`;

/** @throws Error that says what is wrong and what would be right. */
export function parseCommandLine(
  args: readonly string[],
  known: readonly string[],
  environment: NodeJS.ProcessEnv,
): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      filter: { type: 'string', multiple: true, default: [] },
      threads: { type: 'string' },
      python: { type: 'string' },
      json: { type: 'string' },
      check: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      busy: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const wrong = positionals.find((name) => !known.includes(name));
  if (wrong !== undefined)
    throw new Error(`[bench] no suite "${wrong}"; there are ${known.join(', ')} (--filter chooses rows)`);
  if (values.check && values.filter.length > 0)
    throw new Error('[bench] --check needs all rows; give either --check or --filter');
  const cores = availableParallelism();
  const threads = values.threads?.split(',').map(Number) ?? (cores > 1 ? [1, 2] : [1]);
  if (!threads.every((count) => Number.isInteger(count) && count >= 1 && count <= cores))
    throw new Error(
      `[bench] --threads takes whole numbers from 1 to ${cores}, as "1,2"; got "${values.threads}"`,
    );
  return {
    help: values.help,
    suites: positionals.length > 0 ? positionals : known,
    filters: values.filter,
    threads,
    python: values.python ?? (environment.OCELLI_BENCH_PYTHON || undefined),
    json: values.json,
    check: values.check,
    full: values.full,
    profile: values.profile,
    busy: values.busy,
  };
}
