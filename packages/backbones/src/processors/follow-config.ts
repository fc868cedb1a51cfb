import { z } from 'zod';

/**
 * What a schema finds in the JSON of a checkpoint. A key that neither the schema nor `neutral` names may change the
 * arithmetic, so it is refused unless it is null or false.
 *
 * @param neutral keys that change nothing here.
 * @param error makes the error that is thrown; the message follows the file's name.
 */
export function followConfig<Schema extends z.ZodObject>(
  schema: Schema,
  neutral: ReadonlySet<string>,
  json: unknown,
  error: (message: string) => Error,
): z.infer<Schema> {
  const result = schema.safeParse(json);
  if (!result.success) throw error(`cannot be followed:\n${z.prettifyError(result.error)}`);
  for (const [key, value] of Object.entries(json as object)) {
    if (Object.hasOwn(schema.shape, key) || neutral.has(key) || value === null || value === false) continue;
    throw error(`key "${key}" is ${JSON.stringify(value)}, which Ocelli does not know how to follow`);
  }
  return result.data;
}
