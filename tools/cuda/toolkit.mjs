// What the scripts of this folder share: where things are, how programs are run, what kernels are called.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const native = join(root, 'native');
export const sources = join(native, 'src', 'cuda');
/** What these scripts keep between runs. */
export const work = join(native, 'build-cuda-check');
mkdirSync(work, { recursive: true });

/** GPUs that kernels are compiled for: A100, RTX 30, RTX 40 and L40, H100, B200, RTX 50. */
export const architectures = ['sm_80', 'sm_86', 'sm_89', 'sm_90', 'sm_100', 'sm_120'];

export class ProgramError extends Error {}

/** Runs a program to its end and gives what it printed; throws ProgramError with that where it fails. */
export function run(title, command, args, env = {}) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status === 0) return stdout;
  const why = error?.message ?? `exit ${status ?? signal}`;
  throw new ProgramError(`${title} failed (${why})\n${stdout ?? ''}\n${stderr ?? ''}`);
}

export const hasNvcc = () => spawnSync('nvcc', ['--version']).status === 0;

/** The folders that nvcc finds CUDA's headers in. */
export function cudaIncludes() {
  const { stderr } = spawnSync('nvcc', ['--dryrun', '-x', 'cu', '-c', '-'], { input: '', encoding: 'utf8' });
  return [...stderr.matchAll(/"-I([^"]+)"/g)].map(([, folder]) => folder);
}

/** A number for the contents of all files of these folders, and these texts. */
export function fingerprint(folders, texts) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text}\0`);
  for (const folder of folders) {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    for (const path of files.map((entry) => join(entry.parentPath, entry.name)).sort())
      hash.update(`${relative(folder, path)}\0`).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Names as the source has them, from an object's. */
export function demangle(names) {
  const { stdout, status } = spawnSync('c++filt', {
    input: names.join('\n'),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new ProgramError('c++filt is missing (Debian: binutils)');
  return stdout.split('\n').slice(0, names.length);
}

/**
 * A kernel's name with its template arguments, in short: no namespace, no result, no parameters. Both compilers' names of a
 * kernel become the same.
 */
export function shortName(demangled) {
  const plain = demangled
    .replaceAll('(anonymous namespace)::', '')
    .replace(/_GLOBAL__N_[^:]*::/g, '')
    .replaceAll('ocelli::cuda::', '')
    .replaceAll('ocelli::', '');
  // The function's name ends at the first parenthesis outside of template arguments.
  let depth = 0;
  let end = plain.length;
  let begin = 0;
  for (let i = 0; i < plain.length; i++) {
    const c = plain[i];
    if (c === '<') depth++;
    else if (c === '>') depth--;
    else if (c === ' ' && depth === 0) begin = i + 1;
    else if (c === '(' && depth === 0) {
      end = i;
      break;
    }
  }
  return plain
    .slice(begin, end)
    .replace(/\(Call const&\)/g, '')
    .replace(/::\{lambda\([^)]*\)#(\d+)\}/g, '#$1')
    .replace(/\(([A-Za-z]\w*(?:::\w+)*)\)(\d+)/g, '$1($2)') // an enum's value
    .replace(/\s+/g, ' ')
    .replace(/ >/g, '>');
}

/** The kernels of a `kernels.inc`: name → [tensors, scalars]. */
export function kernelList(path) {
  const text = readFileSync(path, 'utf8');
  return new Map(
    [...text.matchAll(/^OCELLI_KERNEL\((\w+), (\d+), (\d+)\)/gm)].map(([, name, tensors, scalars]) => [
      name,
      [Number(tensors), Number(scalars)],
    ]),
  );
}

/** Places in a binary → short names of the functions there. */
export function symbols(binary) {
  const lines = run('nm', 'nm', ['--defined-only', binary]).trim().split('\n');
  const found = lines
    .map((line) => line.split(' '))
    .filter((parts) => parts.length === 3 && /[tTwW]/.test(parts[1]));
  const names = demangle(found.map((parts) => parts[2]));
  return new Map(
    found.map(([address], i) => [Number.parseInt(address, 16).toString(16), shortName(names[i])]),
  );
}
