// Builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer and runs it in Node: worker threads that load it,
// use it and exit in the middle of work, then the whole op table on the portable kernels and on a 16-lane build of them
// (what AVX-512 gets, on a processor that may not have it). Needs the compiler's libasan.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const native = join(here, '..');
const addon = join(native, 'build-sanitize', 'Release', 'ocelli.node');

function run(title, command, args, env = {}) {
  console.log(`· ${title}`);
  const result = spawnSync(command, args, {
    cwd: join(native, '..'),
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout}\n${result.stderr}`);
    console.error(`[sanitize] ${title} failed (exit ${result.status ?? result.signal})`);
    process.exit(1);
  }
  return result.stdout;
}

run('build', process.execPath, [join(native, 'build.mjs'), '--sanitize']);
const library = run('find libasan', process.env.CXX ?? 'c++', ['-print-file-name=libasan.so']).trim();
if (!existsSync(library)) {
  console.error(
    `[sanitize] the compiler has no libasan.so (it says ${library}); install its sanitizer runtime`,
  );
  process.exit(1);
}
const environment = {
  LD_PRELOAD: library,
  OCELLI_NATIVE: addon,
  // Node and V8 keep memory to the end on purpose, so leaks are looked for by the tests that count memory instead.
  ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=0:halt_on_error=1',
  UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1',
};
run('worker threads', process.execPath, [join(here, 'worker-threads.mjs')], environment);
const vitest = join(native, '..', 'node_modules', 'vitest', 'vitest.mjs');
for (const isa of ['wide', 'portable']) {
  run(
    `op table (${isa})`,
    process.execPath,
    [vitest, 'run', '--project', '@ocelli/ops', 'test/op-table.test.ts'],
    {
      ...environment,
      OCELLI_ISA: isa,
    },
  );
}
console.log('✓ no finding of AddressSanitizer or UndefinedBehaviorSanitizer');
