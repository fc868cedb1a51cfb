import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1]!);

it('the README has examples', () => {
  expect(examples.length).toBeGreaterThan(1);
});

it.each(examples)('runs an example of the README', (example) => {
  const directory = mkdtempSync(join(tmpdir(), 'ocelli-readme-'));
  const source = fileURLToPath(new URL('../src/index.ts', import.meta.url));
  const program = join(directory, 'example.mts');
  writeFileSync(program, example.replaceAll("'@ocelli/evaluation'", JSON.stringify(source)));
  const tsx = import.meta.resolve('tsx');
  const output = execFileSync(process.execPath, ['--import', tsx, program], {
    cwd: directory,
    encoding: 'utf8',
  });
  expect(output.trim()).not.toBe('');
  expect(output).not.toMatch(/undefined|NaN/);
});
