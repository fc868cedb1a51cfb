// npm run cuda:check: proves what can be proven of the CUDA kernels without a GPU (docs/cuda.md), and writes the pages that
// say what that is. Exits with 1 if a kernel is missing, wrong or spills registers, or an architecture does not compile.
//
//   --quick    one seed, no sanitizers
import { join } from 'node:path';
import { compileAll } from './compile.mjs';
import { page, writeCoverage } from './coverage.mjs';
import { writePerformanceSheet } from './performance-sheet.mjs';
import { buildEmulated, prove, proveSanitized } from './prove.mjs';
import { hasNvcc, native, run } from './toolkit.mjs';

const quick = process.argv.includes('--quick');
const problems = [];

/** One part; the others go on where it fails, so that one run tells everything. */
async function part(title, work) {
  console.log(`━━ ${title}`);
  const begin = performance.now();
  try {
    problems.push(...((await work()) ?? []));
  } catch (error) {
    problems.push(`${title}: ${error.message}`);
  }
  console.log(`   ${Math.round((performance.now() - begin) / 1000)} s`);
}

let compiled = null;
await part('compile for every architecture', () => {
  if (!hasNvcc()) {
    console.log('  nvcc is not installed: nothing is compiled for a GPU here');
    return [];
  }
  compiled = compileAll();
  return [...compiled].flatMap(([architecture, kernels]) =>
    [...kernels.values()]
      .filter(({ spilled }) => spilled > 0)
      .map(({ name, spilled }) => `${architecture}: ${name} spills ${spilled} bytes`),
  );
});
await part(
  'executor',
  () => void run('the executor itself', process.execPath, [join(native, 'test/simt/run.mjs')]),
);
await part('tests in the executor', () => {
  buildEmulated(false);
  prove(quick ? [1] : [1, 2, 3]);
});
if (!quick) {
  await part('tests under the sanitizers', () => {
    buildEmulated(true);
    proveSanitized(4);
  });
}
await part('coverage table', () => writeCoverage(compiled));
await part('performance sheet', () => (compiled ? writePerformanceSheet(compiled) : []));

for (const problem of problems) console.error(`✗ ${problem}`);
if (problems.length === 0)
  console.log(`✓ every kernel is there, right in the executor and free of spills: ${page}`);
process.exit(problems.length === 0 ? 0 : 1);
