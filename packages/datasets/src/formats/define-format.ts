import { z } from 'zod';
import type { ReadContext } from '../records/read-records.js';
import type { Dataset } from '../sample.js';

/** A path in a configuration. */
export const path = (description: string) => z.string().min(1).describe(description);

/** A path that may be left out. */
export const optionalPath = (description: string) => z.string().min(1).optional().describe(description);

/** What every format takes. */
const common = {
  subset: z
    .union([
      z.strictObject({ first: z.number().int().positive() }),
      z.strictObject({
        fraction: z.number().positive().max(1),
        of: z.enum(['samples', 'texts']).optional(),
        seed: z.number().int().optional(),
      }),
      z.strictObject({
        shots: z.number().int().positive(),
        of: z.enum(['samples', 'texts']).optional(),
        perType: z.boolean().optional(),
        seed: z.number().int().optional(),
      }),
    ])
    .optional()
    .describe('which part of the data set; default all'),
  checkMedia: z
    .boolean()
    .optional()
    .describe('look for every file when opening; default true, false for data sets that are streamed'),
};

/** What a published data set counts. */
export type Counted = 'samples' | 'captions' | 'questions';

/** What is known of a format: how its configuration looks, how it is opened, and what was published in it. */
export interface FormatFacts {
  /** Name of the data set, or what the format is. */
  readonly title: string;
  readonly modalities: readonly ('image' | 'video' | 'audio')[];
  readonly task: 'captions' | 'questions' | 'captions and questions';
  readonly licence: string;
  /** Where the annotations and the media come from. */
  readonly source: string;
  /** What is read of each record. */
  readonly reads: string;
  /** Published sizes: of each split, how many of what. */
  readonly published?: { readonly counted: Counted; readonly sizes: Readonly<Record<string, number>> };
}

/** A field of a configuration. */
export interface FormatField {
  readonly description: string;
  readonly required: boolean;
}

/** A way in which data sets are written down, by the name that a configuration gives as `format`. */
export interface DatasetFormat<Name extends string = string, Config = unknown> extends FormatFacts {
  readonly name: Name;
  /** Checks a configuration. Plain data: it may come from a file. */
  readonly schema: z.ZodType<Config>;
  /** The names of its fields that are paths. */
  readonly paths: readonly string[];
  /** Its fields by name; the common ones are left out. */
  readonly fields: Readonly<Record<string, FormatField>>;
  open(config: Config, context: ReadContext): Promise<Dataset>;
}

/** The configuration of a format: its own fields and those that all have. */
export type ConfigOf<Name extends string, Fields extends z.core.$ZodShape> = z.infer<
  z.ZodObject<{ format: z.ZodLiteral<Name> } & Fields & typeof common, z.core.$strict>
>;

/** Makes a format out of its facts, the fields of its configuration and how it is opened. */
export function defineFormat<Name extends string, Fields extends z.core.$ZodShape>({
  name,
  fields,
  paths,
  open,
  ...facts
}: FormatFacts & {
  readonly name: Name;
  readonly fields: Fields;
  /** Those of `fields` that are paths. */
  readonly paths: readonly (keyof Fields & string)[];
  open(config: ConfigOf<Name, Fields>, context: ReadContext): Promise<Dataset>;
}): DatasetFormat<Name, ConfigOf<Name, Fields>> {
  const schema = z.strictObject({ format: z.literal(name), ...fields, ...common });
  return {
    ...facts,
    name,
    schema: schema as unknown as z.ZodType<ConfigOf<Name, Fields>>,
    paths,
    fields: Object.fromEntries(
      Object.keys(fields).map((key) => {
        const field = fields[key] as unknown as z.ZodType;
        return [key, { description: field.description ?? '', required: !field.safeParse(undefined).success }];
      }),
    ),
    open,
  };
}
