import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { parseCommandLine } from './command-line.js';

const parse = (args: string[], environment = {}) => parseCommandLine(args, ['kernels', 'step'], environment);

it('takes all suites, and the interpreter of the environment, unless told otherwise', () => {
  expect(parse([])).toMatchObject({ suites: ['kernels', 'step'], python: undefined, check: false });
  const environment = { OCELLI_BENCH_PYTHON: 'python-a' };
  expect(parse(['step', '--filter', 'a', '--filter', 'b'], environment)).toMatchObject({
    suites: ['step'],
    filters: ['a', 'b'],
    python: 'python-a',
    check: false,
  });
  expect(parse(['--python', 'python-b', '--threads', '1'], environment)).toMatchObject({
    python: 'python-b',
    threads: [1],
  });
});

it('says what would be right', () => {
  expect(() => parse(['gemm'])).toThrow('no suite "gemm"; there are kernels, step (--filter chooses rows)');
  for (const wrong of ['0', 'two', '1,', String(availableParallelism() + 1)])
    expect(() => parse(['--threads', wrong])).toThrow(
      `takes whole numbers from 1 to ${availableParallelism()}, as "1,2"; got "${wrong}"`,
    );
  expect(parse(['--check']).check).toBe(true);
  expect(() => parse(['--check', '--filter', 'a'])).toThrow('either --check or --filter');
  expect(() => parse(['--peak'])).toThrow('--peak');
});
