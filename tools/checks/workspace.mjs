// Holds the shape of the workspace: package arrows, one skeleton for every package, no install scripts, short files, and
// what publint says about each package as it would be published.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = fileURLToPath(new URL('../..', import.meta.url));
const packages = join(root, 'packages');
const problems = [];

/** What each package may import of the workspace at run time. Recipes and tests may use more. */
const arrows = {
  evaluation: [],
  datasets: [],
  'emoji-scenes': [],
  'emoji-voices': ['emoji-scenes'],
  tiny: [],
  ops: [],
  backbones: ['ops'],
  adapters: ['ops', 'backbones'],
  training: ['ops', 'backbones', 'adapters'],
  ocelli: [
    'ops',
    'backbones',
    'adapters',
    'training',
    'datasets',
    'evaluation',
    'tiny',
    'emoji-scenes',
    'emoji-voices',
  ],
};
const skeleton = [
  'package.json',
  'README.md',
  'tsconfig.json',
  'tsup.config.ts',
  'vitest.config.ts',
  'src/index.ts',
];
const longestFile = 500;

function filesUnder(folder, pattern) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/node_modules|\/dist\/|\/build/.test(path));
}

const folderOf = (name) => (name === 'ocelli' ? 'ocelli' : name.replace(/^@ocelli\//, ''));

for (const folder of readdirSync(packages)) {
  const directory = join(packages, folder);
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
    if (manifest.scripts?.[script])
      problems.push(`${folder}: package.json has a script "${script}"; installing must run nothing`);
  }
  if (folder.startsWith('ops-')) continue; // platform packages hold a binary only
  const allowed = arrows[folder];
  if (!allowed) {
    problems.push(`${folder}: not in the list of arrows (tools/checks/workspace.mjs)`);
    continue;
  }
  for (const file of skeleton) {
    if (!existsSync(join(directory, file))) problems.push(`${folder}: ${file} is missing`);
  }
  for (const file of filesUnder(join(directory, 'src'), /\.ts$/)) {
    const isTest = file.endsWith('.test.ts');
    for (const [, name] of readFileSync(file, 'utf8').matchAll(
      /(?:from|import)\s+['"]((?:@ocelli\/|ocelli)[^'"]*)['"]/g,
    )) {
      const target = folderOf(name);
      const where = relative(root, file);
      if (target.includes('/'))
        problems.push(`${where}: imports "${name}"; only a package's public entry point may be imported`);
      else if (target === folder) problems.push(`${where}: imports its own package by name`);
      else if (!isTest && !allowed.includes(target))
        problems.push(`${where}: ${folder} may not import ${target}`);
      else if (!isTest && !manifest.dependencies?.[name])
        problems.push(`${where}: ${name} is not among the dependencies of ${folder}`);
    }
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/from\s+['"](\.\.?\/[^'"]*)['"]/g)) {
      const resolved = join(file, '..', path);
      if (!resolved.startsWith(directory))
        problems.push(`${relative(root, file)}: reaches outside of its package with "${path}"`);
    }
  }
  const { messages } = await publint({ pkgDir: directory, pack: 'npm', strict: true });
  for (const message of messages)
    problems.push(`${folder}: publint: ${formatMessage(message, manifest, { color: false })}`);
}

for (const file of [
  ...filesUnder(packages, /\.(ts|mjs)$/),
  ...filesUnder(join(root, 'native'), /\.(cpp|h|inc)$/),
]) {
  const lines = readFileSync(file, 'utf8').split('\n').length;
  if (lines > longestFile && statSync(file).isFile())
    problems.push(`${relative(root, file)}: ${lines} lines; no file may have more than ${longestFile}`);
}

for (const problem of problems) console.error(`✗ ${problem}`);
if (problems.length === 0)
  console.log('✓ package arrows, skeletons, install scripts, file lengths and publint');
process.exit(problems.length === 0 ? 0 : 1);
