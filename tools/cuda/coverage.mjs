// Writes docs/cuda-coverage.md: which kernels of the CUDA device were executed by tests that passed, from what
// packages/ops/test/record-proof.ts kept (tools/cuda/prove.mjs) and what nvcc compiled (tools/cuda/compile.mjs).
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, kernelList, native, root, sources, symbols, work } from './toolkit.mjs';
import { precisions, rowOf, rowsOf, withPrecision } from './variants.mjs';

export const page = join(root, 'docs', 'cuda-coverage.md');
export const proofFolder = join(work, 'proof');
export const emulatedAddon = join(native, 'build-emulated', 'Release', 'ocelli-cuda-emulated.node');

/** With the proof: what it is a proof of. */
export const stateFile = join(proofFolder, 'state.txt');
export const sourceState = () =>
  fingerprint([sources, join(native, 'include'), join(native, 'test', 'simt', 'simt')], []);

/** Everything that tests kept: of each kind of device, its tests by name and its kernels by row and precision. */
function readProof() {
  const devices = new Map();
  for (const name of existsSync(proofFolder) ? readdirSync(proofFolder) : []) {
    if (!/^proof-.*\.json$/.test(name)) continue;
    const { isa, seed, tests } = JSON.parse(readFileSync(join(proofFolder, name), 'utf8'));
    const kind = isa === 'cuda-emulated' ? 'cuda' : 'cpu';
    if (!devices.has(kind))
      devices.set(kind, { seeds: new Set(), tests: new Map(), calls: new Map(), launched: new Set() });
    const device = devices.get(kind);
    device.seeds.add(seed ?? '1');
    for (const test of tests) {
      const known = device.tests.get(test.name);
      device.tests.set(test.name, { passed: test.passed && (known?.passed ?? true), calls: test.calls });
      if (!test.passed) continue;
      for (const call of test.calls) {
        const [kernel, precision, ...scalars] = call.split(' ');
        const key = `${kernel} ${precision} ${rowOf(kernel, scalars.map(Number))}`;
        if (!device.calls.has(key)) device.calls.set(key, new Set());
        device.calls.get(key).add(test.name);
      }
      for (const launch of test.launches) device.launched.add(launch);
    }
  }
  return devices;
}

/** Arities of the two lists of kernels that are not the same. */
function arityProblems(cpu, cuda) {
  const problems = [];
  for (const [name, arity] of cuda) {
    const twin = cpu.get(name);
    if (!twin) problems.push(`${name}: src/cuda/kernels.inc has it, src/cpu/kernels.inc has not`);
    else if (String(twin) !== String(arity))
      problems.push(
        `${name}: ${arity.join(' tensors and ')} scalars of CUDA's, ${twin.join(' and ')} of the processor's`,
      );
  }
  return problems;
}

/** Ops of the op table with the share of their cases that passed, and the kernels that these called. */
function opRows(tests) {
  const ops = new Map();
  for (const [name, { passed, calls }] of tests) {
    const [, op] = /^(.*) \([\w-]+\) > case \d+/.exec(name) ?? [];
    if (!op) continue;
    if (!ops.has(op)) ops.set(op, { passed: 0, cases: 0, kernels: new Set() });
    const row = ops.get(op);
    row.cases++;
    if (passed) row.passed++;
    for (const call of calls) row.kernels.add(call.split(' ')[0]);
  }
  return ops;
}

/**
 * Writes the page.
 *
 * @param compiled what compileAll gave, or null without nvcc
 * @returns {string[]} what is wrong: missing rows, tests that failed, arities that differ
 */
export function writeCoverage(compiled) {
  const devices = readProof();
  const cuda = devices.get('cuda');
  if (!cuda) throw new Error('[coverage] nothing was proven yet; run npm run cuda:check');
  if (readFileSync(stateFile, 'utf8') !== sourceState())
    throw new Error('[coverage] the sources have changed since the tests ran; run npm run cuda:check');
  const lists = {
    cpu: kernelList(join(native, 'src/cpu/kernels.inc')),
    cuda: kernelList(join(native, 'src/cuda/kernels.inc')),
  };
  const problems = arityProblems(lists.cpu, lists.cuda);
  const failed = [...cuda.tests].filter(([, { passed }]) => !passed).map(([name]) => name);
  if (failed.length > 0) problems.push(`${failed.length} tests failed on cuda-emulated, as "${failed[0]}"`);

  const present = compiled ? 'compiled' : 'not executed';
  const counts = { proven: 0, [present]: 0, missing: 0 };
  const stateOf = (kernel, row, precision) => {
    const state = !lists.cuda.has(kernel)
      ? 'missing'
      : cuda.calls.has(`${kernel} ${precision} ${row}`)
        ? 'proven'
        : present;
    counts[state]++;
    return state === 'missing' ? '**missing**' : state;
  };
  const lines = [];
  for (const kernel of lists.cpu.keys()) {
    if (kernel.startsWith('peak_')) continue;
    if (!lists.cuda.has(kernel)) problems.push(`${kernel}: missing`);
    for (const row of rowsOf(kernel)) {
      const cells = withPrecision.has(kernel)
        ? precisions.map((precision) => stateOf(kernel, row, precision))
        : [stateOf(kernel, row, 'float32'), '', ''];
      const tests = new Set(
        precisions.flatMap((precision) => [...(cuda.calls.get(`${kernel} ${precision} ${row}`) ?? [])]),
      );
      lines.push(`| \`${kernel}\` | ${row} | ${cells.join(' | ')} | ${tests.size} |`);
    }
  }

  const onCpu = opRows(devices.get('cpu')?.tests ?? new Map());
  const opLines = [...opRows(cuda.tests)].map(([op, { passed, cases, kernels }]) => {
    const share = (row) =>
      row ? `${row.passed === row.cases ? 'proven' : '**missing**'} (${row.passed} of ${row.cases})` : '–';
    if (passed < cases) problems.push(`op ${op}: ${passed} of ${cases} cases on cuda-emulated`);
    return `| \`${op}\` | ${share(onCpu.get(op))} | ${share({ passed, cases })} | ${[...kernels]
      .sort()
      .map((name) => `\`${name}\``)
      .join(', ')} |`;
  });

  const places = symbols(emulatedAddon);
  const launched = new Map();
  for (const launch of cuda.launched) {
    const [kernel, place] = launch.split(' ');
    const name = places.get(place) ?? `? ${place}`;
    if (!launched.has(name)) launched.set(name, new Set());
    launched.get(name).add(kernel);
  }
  const functions = [...(compiled?.values().next().value.keys() ?? [])];
  const unlaunched = functions.filter((name) => !launched.has(name));
  const functionText = compiled
    ? `nvcc makes ${functions.length} functions for the GPU of these kernels (templates count once for each use); the passing tests launched ${functions.length - unlaunched.length} of them.` +
      (unlaunched.length > 0
        ? ` Compiled and never launched:\n\n${unlaunched.map((name) => `- \`${name}\``).join('\n')}`
        : '')
    : 'nvcc was not there when this page was written.';

  writeFileSync(
    page,
    `# What is proven of the CUDA kernels

Written by \`npm run docs:cuda\` from what the tests executed and from what nvcc compiled; [cuda.md](cuda.md) tells how.

- **proven**: a test that passed called it in the executor (\`cuda-emulated\`), with results compared against a reference that
  is not ours (the op table's references and finite differences in double precision, PyTorch's values), or against the
  processor's kernel, which is proven so. Seeds of the lanes' order: ${[...cuda.seeds].sort().join(', ')}.
- **${present}**: ${compiled ? `nvcc compiles it for ${[...compiled.keys()].join(', ')}` : 'the device has it'}, and no test has called it in this type.
- **missing**: the CUDA device does not have it.

The precision is how float32 operands enter the tensor cores (\`Precision\` of \`native/src/cuda/stream.cuh\`). ${counts.proven} cells are
proven, ${counts[present]} ${present}, ${counts.missing} missing. **No GPU has run any of this.**

## Kernels

Tests is how many called it.

| kernel | type | float32 | tf32 | bfloat16 | tests |
|---|---|---|---|---|---|
${lines.join('\n')}

## Ops

Cases of the op table that passed, with their gradients.

| op | cpu | cuda-emulated | kernels |
|---|---|---|---|
${opLines.join('\n')}

## Functions of the GPU

${functionText}
`,
  );
  return problems;
}
