// All CUDA sources as one unit, for every architecture, by nvcc: what ptxas says about each kernel. A kernel that spills
// registers is an error, as is every warning. Objects and what was said are kept as long as no source changes.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { architectures, demangle, fingerprint, native, run, shortName, sources, work } from './toolkit.mjs';

const flags = [
  '-std=c++17',
  '-O3',
  '--extended-lambda',
  '-Xptxas',
  '-v,-warn-spills',
  '-Werror',
  'all-warnings',
];
const atOnce = 2;

/**
 * @typedef {object} CompiledKernel what ptxas says of one kernel, in bytes but for `registers` of a thread
 * @property {string} name with template arguments
 * @property {number} registers
 * @property {number} spilled stores and loads
 * @property {number} stack
 * @property {number} shared static
 */

/** @returns {CompiledKernel[]} */
export function parsePtxas(text) {
  const kernels = [];
  for (const line of text.split('\n')) {
    const entry = /Compiling entry function '(\S+)'/.exec(line);
    if (entry) kernels.push({ name: entry[1], registers: 0, spilled: 0, stack: 0, shared: 0 });
    const kernel = kernels.at(-1);
    if (!kernel) continue;
    const memory = /(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads/.exec(line);
    if (memory) {
      kernel.stack = Number(memory[1]);
      kernel.spilled = Number(memory[2]) + Number(memory[3]);
    }
    const registers = /Used (\d+) registers/.exec(line);
    if (registers) {
      kernel.registers = Number(registers[1]);
      kernel.shared = Number(/(\d+) bytes smem/.exec(line)?.[1] ?? 0);
    }
  }
  const names = demangle(kernels.map(({ name }) => name));
  return kernels.map((kernel, i) => ({ ...kernel, name: shortName(names[i]) }));
}

function compileFor(architecture, unit, log) {
  const object = log.replace(/\.txt$/, '.o');
  const args = [...flags, `-I${join(native, 'include')}`, `-arch=${architecture}`, '-c', unit, '-o', object];
  return new Promise((resolve) => {
    const begin = performance.now();
    const child = spawn('nvcc', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        said += text;
      });
    child.on('error', ({ message }) => resolve({ architecture, error: message }));
    child.on('close', (code) => {
      if (code !== 0) {
        resolve({ architecture, error: said.trim() || `nvcc ended with ${code}` });
        return;
      }
      writeFileSync(log, said);
      console.log(`  ${architecture}: ${Math.round((performance.now() - begin) / 1000)} s`);
      resolve({ architecture, kernels: parsePtxas(said) });
    });
  });
}

/**
 * @returns {Promise<{architecture: string, kernels?: CompiledKernel[], error?: string}[]>} for each architecture its kernels,
 *   or what nvcc complained about
 */
export async function compileAll() {
  const version = run('nvcc', 'nvcc', ['--version']);
  const state = fingerprint([sources, join(native, 'include')], [version, ...flags]);
  const unit = join(work, 'all.cu');
  const files = readdirSync(sources)
    .filter((name) => name.endsWith('.cu'))
    .sort();
  writeFileSync(unit, files.map((name) => `#include "${join(sources, name)}"\n`).join(''));
  for (const name of readdirSync(work))
    if (/^sm_\d+\.\w+\.(txt|o)$/.test(name) && !name.includes(state)) rmSync(join(work, name));
  const results = [];
  const waiting = [...architectures];
  const worker = async () => {
    for (let architecture = waiting.shift(); architecture; architecture = waiting.shift()) {
      const log = join(work, `${architecture}.${state}.txt`);
      if (existsSync(log)) results.push({ architecture, kernels: parsePtxas(readFileSync(log, 'utf8')) });
      else results.push(await compileFor(architecture, unit, log));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return architectures.map((name) => results.find(({ architecture }) => architecture === name));
}
