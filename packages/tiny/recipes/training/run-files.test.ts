import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { runFiles } from './run-files.js';

it('writes to the published place with the published options only, and has a checkpoint for each choice', () => {
  const published = runFiles('language-model', { steps: 1, test: true }, { steps: 1, test: true });
  const other = runFiles('language-model', { steps: 2, test: true }, { steps: 1, test: true });
  expect(published.directory).toMatch(/models.language-model$/);
  expect(other.directory).not.toBe(published.directory);
  expect(other.checkpoint).toBe(join(other.directory, 'checkpoint.safetensors'));
  expect(other.checkpoint).not.toBe(published.checkpoint);
  for (const { checkpoint } of [published, other]) {
    expect(existsSync(dirname(checkpoint))).toBe(true);
    rmSync(dirname(checkpoint), { recursive: true });
  }
});
