import { OcelliError } from '@ocelli/ops';
import { type Document, isMap, isNode, isPair, isScalar, type LineCounter } from 'yaml';
import { z } from 'zod';
import { nearest } from './nearest.js';

type Path = readonly PropertyKey[];

/** Checks the values of a YAML file against schemas, and says in one sentence which line is wrong and why. */
export class ConfigFile {
  readonly #path: string;
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(path: string, document: Document, lines: LineCounter) {
    this.#path = path;
    this.#document = document;
    this.#lines = lines;
  }

  /**
   * The value with defaults filled in.
   *
   * @param place where the value stands in the file.
   * @param others keys that are allowed there beside the schema's; they are only for messages.
   */
  check<Schema extends z.ZodType>(
    schema: Schema,
    value: unknown,
    place: Path,
    others: readonly string[] = [],
  ): z.infer<Schema> {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const [issue] = result.error.issues as [z.core.$ZodIssue];
    const path = [...place, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const known = [...others, ...keysAt(schema, issue.path)];
      throw this.#unknownKey(path, issue.keys[0]!, known);
    }
    const found = at(value, issue.path);
    if (found === undefined && issue.path.length > 0) {
      throw this.missing(path.slice(0, -1), String(path.at(-1)), []);
    }
    const expected = issue.message.replace(/^Invalid (input|option): /, '').replace(/, received .*$/, '');
    throw this.#error(path, `${name(path)} is ${show(found)}, ${expected}; correct it`);
  }

  /** An error for a value that is none of the known ones. */
  choice(path: Path, found: unknown, known: readonly string[]): OcelliError {
    const guess = typeof found === 'string' ? nearest(found, known) : null;
    const remedy = guess
      ? `did you mean "${guess}"? Known are ${known.join(', ')}`
      : `choose ${known.join(', ')}`;
    return this.#error(path, `${name(path)} is ${show(found)}, which is unknown; ${remedy}`);
  }

  /** An error for a key that has to be there. */
  missing(path: Path, key: string, choices: readonly string[]): OcelliError {
    const remedy = choices.length > 0 ? `add it: ${choices.join(', ')}` : 'add it';
    const place = path.length === 0 ? 'the top level' : name(path);
    return this.#error(path, `${place} has no "${key}"; ${remedy}`);
  }

  #unknownKey(path: Path, key: string, known: readonly string[]): OcelliError {
    const guess = nearest(key, known);
    const place = path.length === 0 ? 'at the top level' : `in ${name(path)}`;
    const remedy = guess ? `did you mean "${guess}"? Known are` : 'known are';
    return this.#error([...path, key], `unknown key "${key}" ${place}; ${remedy} ${known.join(', ')}`);
  }

  #error(path: Path, message: string): OcelliError {
    const line = this.#lineOf(path);
    return new OcelliError('config', `${this.#path}${line === null ? '' : ` line ${line}`}: ${message}`);
  }

  /** The line of the key that a path ends with, or of the nearest one above it that the file has. */
  #lineOf(path: Path): number | null {
    for (let length = path.length; length > 0; length--) {
      const parent =
        length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, length - 1), true);
      if (!isMap(parent)) continue;
      const pair = parent.items.find(
        (item) => isPair(item) && (isScalar(item.key) ? item.key.value : item.key) === path[length - 1],
      );
      const offset = pair && isNode(pair.key) ? pair.key.range?.[0] : undefined;
      if (offset !== undefined) return this.#lines.linePos(offset).line;
    }
    return null;
  }
}

function name(path: Path): string {
  return path.length === 0 ? 'the file' : path.map(String).join('.');
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (found, key) => (typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined),
    value,
  );
}

/** Keys that a schema allows at a path. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  let current: z.core.$ZodType | undefined = schema;
  for (const key of path) {
    current = unwrap(current);
    current =
      current instanceof z.ZodObject ? (current.shape as Record<PropertyKey, z.ZodType>)[key] : undefined;
  }
  current = unwrap(current);
  return current instanceof z.ZodObject ? Object.keys(current.shape as object) : [];
}

function unwrap(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  let current = schema;
  while (
    current instanceof z.ZodOptional ||
    current instanceof z.ZodDefault ||
    current instanceof z.ZodPrefault ||
    current instanceof z.ZodNullable ||
    current instanceof z.ZodPipe
  ) {
    current = current instanceof z.ZodPipe ? current.out : current.unwrap();
  }
  return current;
}
