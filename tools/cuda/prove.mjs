// Runs the tests that prove the CUDA kernels, in the executor, and keeps what they called.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emulatedAddon, proofFolder, sourceState, stateFile } from './coverage.mjs';
import { native, ProgramError, root, run } from './toolkit.mjs';

/**
 * Tests that compare ops with something that is not ours. Those of large products would take the executor many minutes, and
 * reach nothing more.
 */
const large = ['linear.test.ts', 'linear-cross-entropy.test.ts'];
const opTests = [
  'test/op-table.test.ts',
  'src/optimizers/',
  ...readdirSync(join(root, 'packages/ops/src/ops'))
    .filter((name) => name.endsWith('.test.ts') && !large.includes(name))
    .map((name) => `src/ops/${name}`),
];
/** And the CUDA device's kernels with the processor's, where ops do not lead, and its precisions with sums in double. */
export const provingTests = [
  ...opTests,
  'test/cuda-twins.test.ts',
  'test/cuda-rows.test.ts',
  'src/core/precision.test.ts',
];

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const addonOf = {
  plain: emulatedAddon,
  sanitized: emulatedAddon.replace('build-emulated', 'build-emulated-sanitize'),
};

export function buildEmulated(sanitized) {
  run('build of the executor', process.execPath, [
    join(native, 'build.mjs'),
    '--emulated',
    ...(sanitized ? ['--sanitize'] : []),
  ]);
}

function test(title, env, tests) {
  console.log(`· ${title}`);
  run(title, process.execPath, [vitest, 'run', '--project', '@ocelli/ops', ...tests], {
    OCELLI_PROOF: '',
    ...env,
  });
}

/** The op table and its companions on `cuda-emulated` with these seeds, and on the processor beside it. */
export function prove(seeds) {
  rmSync(proofFolder, { recursive: true, force: true });
  mkdirSync(proofFolder, { recursive: true });
  writeFileSync(stateFile, sourceState());
  test('tests on the processor', { OCELLI_DEVICE: 'cpu', OCELLI_PROOF: proofFolder }, opTests);
  for (const seed of seeds) {
    const env = {
      OCELLI_DEVICE: 'cuda-emulated',
      OCELLI_PROOF: proofFolder,
      OCELLI_CUDA_EMULATED: addonOf.plain,
    };
    test(`tests in the executor, seed ${seed}`, { ...env, SIMT_SEED: String(seed) }, provingTests);
  }
}

/** The same on the addon with AddressSanitizer and UndefinedBehaviorSanitizer; stops at the first finding. */
export function proveSanitized(seed) {
  const library = run('find libasan', process.env.CXX ?? 'c++', ['-print-file-name=libasan.so']).trim();
  if (!existsSync(library))
    throw new ProgramError(
      `the compiler has no libasan.so (it says ${library}); install its sanitizer runtime`,
    );
  test(
    `tests in the executor under the sanitizers, seed ${seed}`,
    {
      OCELLI_DEVICE: 'cuda-emulated',
      OCELLI_CUDA_EMULATED: addonOf.sanitized,
      SIMT_SEED: String(seed),
      LD_PRELOAD: library,
      // Node and V8 keep memory to the end on purpose.
      ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=0:halt_on_error=1',
      UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1',
    },
    provingTests,
  );
}
