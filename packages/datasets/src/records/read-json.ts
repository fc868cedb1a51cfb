import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { DatasetError, reasonOf } from '../dataset-error.js';

/** Reads a text file. @throws {DatasetError} naming it. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new DatasetError(`cannot read ${path} (${reasonOf(error)})`, 'check the path', { cause: error });
  }
}

/** What Windows programs write before the first line of a text, unseen. */
const byteOrderMark = '\uFEFF';

/** Parses JSON and checks it; `where` names the place in errors. */
export function parseAs<T>(schema: z.ZodType<T>, text: string, where: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith(byteOrderMark) ? text.slice(1) : text);
  } catch (error) {
    throw new DatasetError(`${where} is not JSON (${reasonOf(error)})`, 'correct it', { cause: error });
  }
  return checkAs(schema, value, where);
}

/** Checks a value; `where` names the place in errors. */
export function checkAs<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const field = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  throw new DatasetError(`${where} does not fit its format: ${field || 'it'}: ${message}`, 'correct it');
}

/** Reads a small JSON file and checks it. @throws {DatasetError} naming the file and the field. */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  return parseAs(schema, await readText(path), path);
}
