// Builds the addon of NVIDIA's GPUs, which holds every kernel for every architecture, and reads what ptxas said about each
// (native/src/cuda/keep_ptxas_log.sh). A kernel that spills registers, and every warning, is an error of that build.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { architectures, demangle, native, ProgramError, run, shortName } from './toolkit.mjs';

const objects = join(native, 'build-cuda', 'CMakeFiles', 'ocelli-cuda.dir', 'src', 'cuda');

/**
 * @typedef {object} CompiledKernel what ptxas says of one kernel, in bytes but for `registers` of a thread
 * @property {string} architecture
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
    const entry = /Compiling entry function '(\S+)' for '(\w+)'/.exec(line);
    if (entry) {
      const [, name, architecture] = entry;
      kernels.push({ architecture, name, registers: 0, spilled: 0, stack: 0, shared: 0 });
    }
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

/**
 * What is up to date is not compiled again.
 *
 * @returns {Map<string, Map<string, CompiledKernel>>} for each architecture its kernels by name; one of a header that
 *   several files compile is there once
 */
export function compileAll() {
  run('the addon of GPUs', process.execPath, [join(native, 'build.mjs'), '--cuda']);
  const compiled = new Map(architectures.map((architecture) => [architecture, new Map()]));
  for (const name of readdirSync(objects).filter((name) => name.endsWith('.ptxas.txt')))
    for (const kernel of parsePtxas(readFileSync(join(objects, name), 'utf8')))
      compiled.get(kernel.architecture)?.set(kernel.name, kernel);
  for (const [architecture, kernels] of compiled)
    if (kernels.size === 0) throw new ProgramError(`the build compiled no kernel for ${architecture}`);
  return compiled;
}
