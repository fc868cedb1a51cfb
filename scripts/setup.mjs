// Everything between a fresh clone and a working toolkit: packages, the native addon, builds. Safe to run again: what is
// up to date is skipped. Needs Node 20.17 or newer, npm, a C++17 compiler and CMake.
//   node scripts/setup.mjs [--quiet]    --quiet says nothing if there is little to do
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const quiet = process.argv.includes('--quiet');
process.env.TURBO_TELEMETRY_DISABLED = '1';
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

function fail(message) {
  console.error(`[setup] ${message}`);
  process.exit(1);
}

/** Runs a command in the root; with --quiet its output shows only if it fails. */
function step(title, command, args) {
  if (!quiet) console.log(`\n— ${title}`);
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: quiet ? 'pipe' : 'inherit',
    maxBuffer: 1 << 28,
  });
  if (result.error) fail(`${title}: ${command} cannot be run (${result.error.message})`);
  if (result.status !== 0) {
    if (quiet) process.stderr.write(Buffer.concat([result.stdout, result.stderr]));
    fail(`${title} failed: ${command} ${args.join(' ')} (exit ${result.status ?? result.signal})`);
  }
}

function require(command, purpose, packages) {
  const found = spawnSync(command, ['--version'], { stdio: 'ignore' });
  if (found.error)
    fail(
      `${command} is needed ${purpose} and is not on PATH; install it (Debian: apt-get install ${packages})`,
    );
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 17))
  fail(`Node 20.17 or newer is needed, this is ${process.version}`);
require('cmake', 'to build the native kernels', 'cmake');
require(process.env.CXX ?? 'c++', 'to build the native kernels', 'g++');

const first = !existsSync(join(root, 'node_modules', '.modules.yaml'));
if (quiet && first)
  console.log('Setting up for the first time: packages, native kernels, builds (about two minutes) …');
step('packages', 'npx', ['-y', packageManager, 'install', '--frozen-lockfile', '--prefer-offline']);
// Through pnpm, since turbo looks for the workspace's package manager on PATH.
step('native kernels and builds', 'npx', ['-y', packageManager, 'exec', 'turbo', 'run', 'build']);
if (!quiet) {
  const hasNvcc = !spawnSync('nvcc', ['--version'], { stdio: 'ignore' }).error;
  console.log(
    hasNvcc
      ? '\nFor an NVIDIA GPU, npm run build:cuda builds its kernels (minutes).'
      : '\nKernels for NVIDIA GPUs were not built: nvcc is not on PATH. All else is there.',
  );
  console.log('Ready. Next: npm run demo');
}
