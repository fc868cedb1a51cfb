import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeAtomically } from '@ocelli/ops';

/** Writes text to a file at once: whoever looks sees the old file or the whole new one. Folders are made if need be. */
export async function writeText(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeAtomically(path, async (file) => {
    await file.writeFile(text);
  });
}

/** `writeText` for a value as indented JSON. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeText(path, `${JSON.stringify(value, null, 2)}\n`);
}
