// Every test, as `npm test` and CI run them: the workspace's rules, format and types, all packages' tests, the op table
// on each instruction set that this machine has and, in the executor, on the CUDA device, and the addon under
// AddressSanitizer.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

function count(ok) {
  if (ok) passed++;
  else failed++;
}

/** A command that is one test. */
function check(title, command, args, env = {}) {
  console.log(`\n━━ ${title}`);
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  count(status === 0);
}

/** Vitest, whose tests are counted one by one. */
function vitest(title, args, env = {}) {
  console.log(`\n━━ ${title}`);
  const report = join(scratch, 'report.json');
  rmSync(report, { force: true });
  const { status } = spawnSync(
    bin('vitest'),
    ['run', ...args, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } },
  );
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
vitest('packages', []);
const { device } = await import(new URL('../packages/ops/dist/index.js', import.meta.url));
for (const isa of device.supportedIsas.slice(1)) {
  vitest(`op table on ${isa}`, ['--project', '@ocelli/ops', 'test/op-table.test.ts'], { OCELLI_ISA: isa });
}
for (const seed of cudaSeeds) {
  vitest(`ops on cuda-emulated, seed ${seed}`, ['--project', '@ocelli/ops', ...provingTests], {
    OCELLI_DEVICE: 'cuda-emulated',
    SIMT_SEED: seed,
  });
}
check('addon under AddressSanitizer', process.execPath, ['native/test/sanitize.mjs']);
check('executor of CUDA kernels', process.execPath, ['native/test/simt/run.mjs']);

rmSync(scratch, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exit(failed === 0 ? 0 : 1);
