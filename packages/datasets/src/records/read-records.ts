import { createReadStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { z } from 'zod';
import { DatasetError, reasonOf } from '../dataset-error.js';
import { JsonSplitter } from './json-splitter.js';
import { parseAs } from './read-json.js';

/** What a reader does with what is broken. */
export interface ReadContext {
  /** Told of each broken record, which is then left out. Default: the first one is thrown. */
  readonly onBroken?: (error: DatasetError) => void;
  /** Stops the reading, which rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Told of every so many bytes of annotations that were read. */
  readonly onRead?: (bytes: number) => void;
}

/** One record of a file. */
export interface FileRecord<T> {
  readonly value: T;
  /** File and number of the line or record, for errors. */
  readonly where: string;
  /** The member of the top object that it is, in files that are objects by id. */
  readonly key: string;
}

/** Which records: the list at the top of the file, the list in one of its members, or all members of its top object. */
export type RecordPlace = 'list' | 'members' | { readonly member: string };

async function* pieces(path: string, { signal, onRead }: ReadContext = {}): AsyncGenerator<Buffer> {
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
      signal?.throwIfAborted();
      onRead?.((piece as Buffer).length);
      yield piece as Buffer;
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new DatasetError(`cannot read ${path} (${reasonOf(error)})`, 'check the path', { cause: error });
  }
}

/** Uses every record; what `use` throws about one is handled as a broken record. */
export async function useRecords<T>(
  records: AsyncIterable<FileRecord<T>>,
  context: ReadContext,
  use: (record: FileRecord<T>) => void,
): Promise<void> {
  for await (const record of records) {
    try {
      use(record);
    } catch (error) {
      broken(context, error);
    }
  }
}

/** Throws, or reports and goes on. */
export function broken(context: ReadContext, error: unknown): void {
  if (context.onBroken === undefined || !(error instanceof DatasetError)) throw error;
  context.onBroken(error);
}

/**
 * Reads a JSON file of any size record by record.
 * @throws {DatasetError} naming the file, the record (from 1) and the field.
 */
export async function* readRecords<T>(
  path: string,
  place: RecordPlace,
  schema: z.ZodType<T>,
  context: ReadContext,
): AsyncGenerator<FileRecord<T>> {
  const splitter = new JsonSplitter();
  let found = false;
  for await (const piece of pieces(path, context)) {
    for (const { key, index, text } of splitter.push(piece)) {
      if (place === 'list' ? key !== null : place === 'members' ? index !== null : key !== place.member)
        continue;
      found = true;
      const where = `${path} record ${place === 'members' ? key : (index ?? 0) + 1}`;
      try {
        yield { value: parseAs(schema, text, where), where, key: key ?? '' };
      } catch (error) {
        broken(context, error);
      }
    }
  }
  if (!splitter.complete) {
    broken(
      context,
      new DatasetError(
        `${path} is not JSON: it ends or breaks after ${splitter.position} records`,
        'get the file again',
      ),
    );
  } else if (!found) {
    const what =
      place === 'list'
        ? 'a list of records'
        : place === 'members'
          ? 'an object with a record for each id'
          : `a list "${place.member}"`;
    broken(
      context,
      new DatasetError(`${path} does not hold ${what}`, 'check that it is the file of this format'),
    );
  }
}

/** Reads one member of the object that a JSON file holds. @throws {DatasetError} naming the file and the member. */
export async function readMember<T>(path: string, member: string, schema: z.ZodType<T>): Promise<T> {
  const splitter = new JsonSplitter();
  for await (const piece of pieces(path)) {
    for (const { key, index, text } of splitter.push(piece)) {
      if (key === member && index === null) return parseAs(schema, text, `${path}, "${member}",`);
    }
  }
  throw new DatasetError(
    `${path} does not fit its format: it has no "${member}"`,
    'check that it is the file of this format',
  );
}

/** Whether the object that a JSON file holds has a list with anything in it under this name. */
export async function hasMember(path: string, member: string): Promise<boolean> {
  const splitter = new JsonSplitter();
  for await (const piece of pieces(path)) {
    for (const { key } of splitter.push(piece)) if (key === member) return true;
  }
  return false;
}

/**
 * Reads a file with one JSON value a line; empty lines are skipped.
 * @throws {DatasetError} naming the file, the line (from 1) and the field.
 */
export async function* readLines<T>(
  path: string,
  schema: z.ZodType<T>,
  context: ReadContext,
): AsyncGenerator<FileRecord<T>> {
  let number = 0;
  for await (const text of lines(path, context)) {
    number++;
    if (text.trim() === '') continue;
    const where = `${path} line ${number}`;
    try {
      yield { value: parseAs(schema, text, where), where, key: '' };
    } catch (error) {
      broken(context, error);
    }
  }
}

async function* lines(path: string, context: ReadContext): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const piece of pieces(path, context)) {
    const found = (rest + decoder.write(piece)).split('\n');
    rest = found.pop()!;
    yield* found;
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}
