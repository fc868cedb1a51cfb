// Builds the executor and runs its tests, with and without sanitizers; then compiles the kernels that it ran for every GPU
// architecture, where nvcc is installed: a kernel that spills registers is an error.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const output = join(here, '..', '..', 'build-simt');
const architectures = ['sm_80', 'sm_86', 'sm_89', 'sm_90', 'sm_100', 'sm_120'];

function run(title, command, args, options = {}) {
  console.log(`· ${title}`);
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  const { status, stdout, stderr } = result;
  const expected = options.expected ?? (() => status === 0);
  if (!expected(result)) {
    process.stderr.write(`${stdout}\n${stderr}`);
    console.error(`[simt] ${title} failed (exit ${status ?? result.signal ?? result.error?.message})`);
    process.exit(1);
  }
  return stdout.trim();
}

mkdirSync(output, { recursive: true });
run('configure', 'cmake', ['-S', here, '-B', output]);
run('build', 'cmake', ['--build', output, '--parallel', String(availableParallelism())]);
for (const threads of ['1', '4']) {
  const environment = { ...process.env, SIMT_THREADS: threads };
  console.log(run(`tests, ${threads} threads`, join(output, 'simt_test'), [], { env: environment }));
}
const sanitized = join(output, 'simt_test_sanitized');
console.log(run('tests under the sanitizers', sanitized, []));
run('a write beyond shared memory is caught', sanitized, ['out-of-bounds'], {
  expected: ({ status, stderr }) => status !== 0 && stderr.includes('heap-buffer-overflow'),
});
for (const line of run('list misuses of the runtime', sanitized, ['misuses']).split('\n')) {
  const [name, message] = line.split('\t');
  run(`${name} ends the process`, sanitized, [name], {
    expected: ({ status, stderr }) => status !== 0 && stderr.includes(message),
  });
}

if (spawnSync('nvcc', ['--version']).status !== 0) {
  console.log('  nvcc is not installed: the kernels were not compiled for a GPU');
} else {
  for (const architecture of architectures) {
    const object = join(output, `sample_kernels.${architecture}.o`);
    const flags = [
      '-std=c++17',
      '-O3',
      `-arch=${architecture}`,
      '-Xptxas',
      '-warn-spills',
      '-Werror',
      'all-warnings',
    ];
    run(`nvcc, ${architecture}`, 'nvcc', [...flags, '-c', join(here, 'sample_kernels.cu'), '-o', object]);
  }
}
console.log('✓ the executor runs what is right and catches what is not');
