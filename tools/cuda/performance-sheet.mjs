// Writes docs/cuda-performance.md: what can be said of the kernels' speed without a GPU, from ptxas' own output, the launch
// configurations that the executor recorded at OPT's sizes (nothing is executed), NVIDIA's occupancy calculator, and the
// roofline of published peaks. None of it is a measurement.

import { spawnSync } from 'node:child_process';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emulatedAddon } from './coverage.mjs';
import { architectures, cudaIncludes, ProgramError, root, run, symbols, work } from './toolkit.mjs';

const page = join(root, 'docs', 'cuda-performance.md');
/** GPUs of the sheet: occupancy.cpp's name, compiled for, multiprocessors. */
const targets = [
  { gpu: 'A100', architecture: 'sm_80', multiprocessors: 108 },
  { gpu: 'H100', architecture: 'sm_90', multiprocessors: 132 },
];
/** The GPUs with the least shared memory, which every launch must fit into. */
const smallest = { gpu: 'RTX', architecture: 'sm_86' };

/** The launches of the layers of OPT on a GPU with so many multiprocessors: benchmarks/cuda/dry-launches.ts. */
function dryLaunches(multiprocessors) {
  const file = join(work, 'dry-launches.txt');
  rmSync(file, { force: true });
  const script = join(root, 'benchmarks', 'cuda', 'dry-launches.ts');
  const output = run(
    'launches at the sizes of OPT',
    join(root, 'node_modules', '.bin', 'tsx'),
    ['--conditions=source', script],
    {
      OCELLI_DEVICE: 'cuda-emulated',
      OCELLI_CUDA_EMULATED: emulatedAddon,
      SIMT_DRY: '1',
      SIMT_LAUNCHES: file,
      SIMT_MULTIPROCESSORS: String(multiprocessors),
    },
  );
  return JSON.parse(output);
}

/** Blocks on a multiprocessor for lines of occupancy.cpp. */
function occupancy(lines) {
  const program = join(work, 'occupancy');
  const source = join(root, 'tools', 'cuda', 'occupancy.cpp');
  if (!(statSync(program, { throwIfNoEntry: false })?.mtimeMs > statSync(source).mtimeMs)) {
    const includes = [...new Set(cudaIncludes())].map((folder) => `-I${folder}`);
    run('occupancy', process.env.CXX ?? 'c++', ['-std=c++17', '-O1', ...includes, source, '-o', program]);
  }
  const { status, stdout } = spawnSync(program, { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
  if (status !== 0) throw new ProgramError('the occupancy calculator failed');
  return stdout.trim().split('\n').map(Number);
}

const product = (sizes) => sizes.reduce((all, size) => all * size, 1);
const digits = (x) => (x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toPrecision(2));
const microseconds = (seconds) => digits(seconds * 1e6);
function amount(x) {
  const [unit, size] = [
    ['T', 1e12],
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ].find(([, at]) => x >= at) ?? ['', 1];
  return `${size === 1 ? Math.round(x) : digits(x / size)}${unit && ` ${unit}`}`;
}

/** Registers and shared memory by architecture and function. */
function functionsOf(compiled) {
  const table = new Map();
  for (const [architecture, kernels] of compiled)
    for (const [name, kernel] of kernels) {
      if (!table.has(name)) table.set(name, new Map());
      table.get(name).set(architecture, kernel);
    }
  return table;
}

function functionTable(functions) {
  const rows = [...functions]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, by]) => {
      const of = (what) => architectures.map((architecture) => by.get(architecture)?.[what] ?? 0);
      const registers = architectures.map((architecture) => by.get(architecture)?.registers ?? '–');
      return `| \`${name}\` | ${registers.join(' / ')} | ${Math.max(...of('shared'))} | ${Math.max(...of('stack'))} | ${Math.max(...of('spilled'))} |`;
    });
  return `| function | registers a thread | static shared bytes | stack bytes | spilled bytes |\n|---|---|---|---|---|\n${rows.join('\n')}`;
}

/** Launches that are the same, once with their number. */
function countRepeats(texts) {
  const counts = new Map();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => (count > 1 ? `${count} times ${text}` : text));
}

/** How a launch fills a GPU, for a call's cell: `linear_tile<...> 96 x 256, 2 of an SM (25 %), 0.4 waves`. */
function describeLaunches(launches, functions, places, target) {
  const known = launches.map((launch) => ({ ...launch, name: places.get(launch.place) ?? '?' }));
  const facts = known.map(({ name }) => functions.get(name)?.get(target.architecture));
  const lines = known.map(({ block, dynamicBytes }, i) => {
    const { registers = 0, shared = 0 } = facts[i] ?? {};
    return `${target.gpu} ${registers} ${shared} ${dynamicBytes} ${product(block)}`;
  });
  const blocks = lines.length > 0 ? occupancy(lines) : [];
  return known.map(({ name, grid, block, dynamicBytes }, i) => {
    const [count, threads] = [product(grid), product(block)];
    const share = Math.round((100 * blocks[i] * threads) / 2048);
    const waves = count / (blocks[i] * target.multiprocessors);
    return {
      name,
      fits: blocks[i] > 0,
      known: facts[i] !== undefined,
      text: `\`${name}\` ${count} x ${threads}${dynamicBytes ? `, ${digits(dynamicBytes / 1024)} KiB` : ''}: ${blocks[i]} of an SM (${share} %), ${digits(waves)} waves`,
    };
  });
}

/**
 * Writes the page.
 *
 * @returns {string[]} launches that fit into no multiprocessor, and what could not be launched
 */
export function writePerformanceSheet(compiled) {
  const functions = functionsOf(compiled);
  const places = symbols(emulatedAddon);
  const problems = [];
  const sections = new Map();
  for (const target of targets) {
    const { rows, problems: unlaunched } = dryLaunches(target.multiprocessors);
    if (target === targets[0]) problems.push(...unlaunched);
    const seen = new Set();
    for (const { model, phase, kernel, precision, scalars, launches, work: done, bounds } of rows) {
      const key = [model, phase, kernel, precision, ...scalars].join(' ');
      if (seen.has(key)) continue;
      seen.add(key);
      const described = describeLaunches(launches, functions, places, target);
      for (const { name, known, fits, text } of described)
        if (!known)
          problems.push(
            `${target.architecture}: ptxas said nothing of \`${name}\`, which ${kernel} launches`,
          );
        else if (!fits) problems.push(`${target.gpu}: ${kernel} of ${model} does not fit: ${text}`);
      if (target === targets[0])
        for (const { fits, text } of describeLaunches(launches, functions, places, {
          ...target,
          ...smallest,
        }))
          if (!fits)
            problems.push(
              `GPUs of 99 KiB a block (sm_86, 89, 120): ${kernel} of ${model} does not fit: ${text}`,
            );
      const title = `${model}, ${phase}`;
      if (!sections.has(title)) sections.set(title, new Map());
      const section = sections.get(title);
      if (!section.has(key)) {
        const cells = bounds.map(({ gpu, seconds, by }) => [
          gpu.split(' ')[0],
          `${microseconds(seconds)} (${by})`,
        ]);
        section.set(key, { kernel, scalars, done, bounds: Object.fromEntries(cells), launches: {} });
      }
      section.get(key).launches[target.gpu] = countRepeats(described.map(({ text }) => text)).join('<br>');
    }
  }
  const tables = [...sections].map(([title, calls]) => {
    const lines = [...calls.values()].map(({ kernel, scalars, done, bounds, launches }) => {
      const sizes = scalars.map((x) => (Number.isInteger(x) ? x : Number(x.toPrecision(3)))).join(', ');
      const intensity = done.bytes > 0 ? digits(done.operations / done.bytes) : '–';
      return `| \`${kernel}\` | ${sizes} | ${amount(done.operations)} | ${amount(done.bytes)} | ${intensity} | ${bounds.A100} | ${bounds.H100} | ${launches.A100} | ${launches.H100 ?? '–'} |`;
    });
    return `### ${title}\n\n| kernel | sizes and settings | operations | bytes | operations a byte | bound A100, µs | bound H100, µs | launches A100 | launches H100 |\n|---|---|---|---|---|---|---|---|---|\n${lines.join('\n')}`;
  });
  writeFileSync(
    page,
    `# The CUDA kernels on paper

Written by \`npm run docs:cuda\`. **Nothing here was measured: no GPU has run these kernels.** It holds what the compiler
says, how the launches would fill a GPU, and the least time that a GPU's published peaks allow.

- **Bound** is the roofline: the larger of bytes / bandwidth and operations / peak (A100 SXM 80 GB: 2.04 TB/s, 156 TFLOP/s of
  tf32; H100 SXM: 3.35 TB/s, 495), with every operand moved once and nothing in a cache. Products in \`float32\`
  precision count three tf32 products each, two where the weight has 16 bits or less. No kernel can be faster; how near ours
  come is unknown until somebody runs \`npm run bench:cuda\` ([cuda.md](cuda.md)).
- **Launches** are those that the host's code chose for a GPU with 108 (A100) or 132 (H100) multiprocessors: blocks x
  threads, dynamic shared memory, how many blocks a multiprocessor (SM) takes at once by \`cuda_occupancy.h\`, the
  share of its threads that this is, and how often the GPU fills with all of them (waves).
- Sizes and settings are the kernel's scalars, in the order of the comment in \`native/src/cpu\`. Decoding is one row with
  1,023 tokens in the cache, training 16 texts of 128 tokens.

## Calls of OPT's layers

${tables.join('\n\n')}

## What the compiler says

Registers for ${architectures.join(' / ')}; of the other columns, the largest.

${functionTable(functions)}
`,
  );
  return [...new Set(problems)];
}
