// Every test, as `npm test` and CI run them: the workspace's rules, format and types, all packages' tests, the op table
// on each instruction set that this machine has and, in the executor, on the CUDA device, and the addon under
// AddressSanitizer.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provingTests } from '../tools/cuda/prove.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => join(root, 'node_modules', '.bin', name);
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const scratch = mkdtempSync(join(tmpdir(), 'ocelli-test-'));
/** Of the order in which the lanes of a warp run; npm run cuda:check takes more of them, and the sanitizers. */
const cudaSeeds = ['1', '2'];
let passed = 0;
let failed = 0;
let skipped = 0;

/** Of this title's stage, when it has ended. */
function printTime(title, begin) {
  console.log(`   ${title}: ${Math.round((performance.now() - begin) / 1000)} s`);
}

function count(ok) {
  if (ok) passed++;
  else failed++;
}

/** A command that is one test. */
function check(title, command, args, env = {}) {
  console.log(`\n━━ ${title}`);
  const begin = performance.now();
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  count(status === 0);
  printTime(title, begin);
}

let reports = 0;

/** Vitest, whose tests are counted one by one. With `beside`, others may run meanwhile: it prints when it has ended. */
async function vitest(title, args, env = {}, beside = false) {
  if (!beside) console.log(`\n━━ ${title}`);
  const begin = performance.now();
  const report = join(scratch, `report-${reports++}.json`);
  const child = spawn(
    bin('vitest'),
    ['run', ...args, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    { cwd: root, stdio: beside ? 'pipe' : 'inherit', env: { ...process.env, ...env } },
  );
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => printed.push(part));
  const status = await new Promise((resolve) => {
    child.on('close', resolve);
    child.on('error', () => resolve(null));
  });
  if (beside) process.stdout.write(Buffer.concat([Buffer.from(`\n━━ ${title}\n`), ...printed]));
  printTime(title, begin);
  let results;
  try {
    results = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    count(false);
    return;
  }
  passed += results.numPassedTests;
  failed += results.numFailedTests;
  skipped += results.numPendingTests;
  if (status !== 0 && results.numFailedTests === 0) count(false); // a file that could not even be loaded
}

check('workspace rules', process.execPath, ['tools/checks/workspace.mjs']);
check('format and lint', bin('biome'), ['check', '.']);
check('types', 'npx', [
  '-y',
  packageManager,
  'exec',
  'turbo',
  'run',
  'typecheck',
  '--output-logs=errors-only',
]);
// Before the packages: some of their tests use the CUDA device where the executor's addon is there.
check('CUDA device in the executor', process.execPath, ['native/build.mjs', '--emulated']);
await vitest('packages', [`--maxWorkers=${availableParallelism()}`]);
const { device } = await import(new URL('../packages/ops/dist/index.js', import.meta.url));
for (const isa of device.supportedIsas.slice(1)) {
  await vitest(`op table on ${isa}`, ['--project', '@ocelli/ops', 'test/op-table.test.ts'], {
    OCELLI_ISA: isa,
  });
}
// A file of tests has one core at a time, and the executor's blocks are too small to share out: side by side.
await Promise.all(
  cudaSeeds.map((seed) =>
    vitest(
      `ops on cuda-emulated, seed ${seed}`,
      ['--project', '@ocelli/ops', ...provingTests],
      { OCELLI_DEVICE: 'cuda-emulated', SIMT_SEED: seed, SIMT_THREADS: '1' },
      true,
    ),
  ),
);
check('addon under AddressSanitizer', process.execPath, ['native/test/sanitize.mjs']);
check('executor of CUDA kernels', process.execPath, ['native/test/simt/run.mjs']);

rmSync(scratch, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exit(failed === 0 ? 0 : 1);
