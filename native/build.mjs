// Builds an addon with cmake-js and lays a copy into its platform package, from where an installed @ocelli/ops loads it.
//   node build.mjs              build/Release/ocelli.node
//   node build.mjs --sanitize   build-sanitize/Release/ocelli.node, with AddressSanitizer (for tests only)
//   node build.mjs --cuda       build-cuda/Release/ocelli-cuda.node, for NVIDIA's GPUs; needs nvcc of CUDA 13 or newer
//   node build.mjs --emulated   build-emulated/Release/ocelli-cuda-emulated.node, CUDA kernels on the host (for tests only);
//                               with --sanitize too, build-emulated-sanitize
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const sanitize = process.argv.includes('--sanitize');
const emulated = process.argv.includes('--emulated');
const cuda = process.argv.includes('--cuda');
const output = join(
  here,
  `build${cuda ? '-cuda' : emulated ? '-emulated' : ''}${sanitize ? '-sanitize' : ''}`,
);

if (cuda && spawnSync('nvcc', ['--version']).error) {
  console.error(
    '[native] nvcc is not on PATH, so nothing was built for GPUs; everything else works without it',
  );
  process.exit(1);
}

const cmakeJs = join(dirname(require.resolve('cmake-js/package.json')), 'bin', 'cmake-js');
const result = spawnSync(
  process.execPath,
  [
    cmakeJs,
    'compile',
    '--directory',
    here,
    '--out',
    output,
    '--parallel',
    String(availableParallelism()),
    `--CDOCELLI_SANITIZE=${sanitize ? 'ON' : 'OFF'}`,
    `--CDOCELLI_CUDA=${cuda ? 'nvcc' : emulated ? 'emulated' : 'off'}`,
  ],
  { stdio: 'inherit' },
);
if (result.status !== 0) {
  console.error(
    '\n[native] the build failed; it needs a C++17 compiler (g++ 12 or newer) and CMake 3.20 or newer on PATH',
  );
  process.exit(result.status ?? 1);
}

const name = cuda ? 'ocelli-cuda' : 'ocelli';
const suffix = cuda ? '-cuda' : '';
const platformPackage = join(here, '..', 'packages', `ops-${process.platform}-${process.arch}${suffix}`);
if (!sanitize && !emulated && existsSync(platformPackage)) {
  const target = join(platformPackage, `${name}.node`);
  copyFileSync(join(output, 'Release', `${name}.node`), `${target}.part`);
  renameSync(`${target}.part`, target);
}
