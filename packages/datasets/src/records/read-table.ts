import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import type { z } from 'zod';
import { DatasetError, reasonOf } from '../dataset-error.js';
import { checkAs } from './read-json.js';
import { broken, type FileRecord, type ReadContext } from './read-records.js';

/**
 * Reads a table of text whose first line names the columns, row by row; every value is a text.
 *
 * @param delimiter between columns: a comma (values may stand in quotes), or a tab (quotes are ordinary).
 * @throws {DatasetError} naming the file, the line (from 1) and the column.
 */
export async function* readTable<T>(
  path: string,
  delimiter: ',' | '\t',
  schema: z.ZodType<T>,
  context: ReadContext,
): AsyncGenerator<FileRecord<T>> {
  const source = createReadStream(path);
  const parser = parse({
    columns: true,
    bom: true,
    info: true,
    delimiter,
    quote: delimiter === ',' ? '"' : null,
    skip_empty_lines: true,
  });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: unknown;
      info: { lines: number };
    }>) {
      const where = `${path} line ${info.lines}`;
      try {
        yield { value: checkAs(schema, record, where), where, key: '' };
      } catch (error) {
        broken(context, error);
      }
    }
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    broken(
      context,
      code?.startsWith('CSV_')
        ? new DatasetError(`${path} is no table (${reasonOf(error)})`, 'correct it', { cause: error })
        : new DatasetError(`cannot read ${path} (${reasonOf(error)})`, 'check the path', { cause: error }),
    );
  } finally {
    source.destroy();
  }
}
