import { z } from 'zod';

/** Ids that stand around those of a text. */
export interface Frame {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

const entry = z.tuple([z.string(), z.number().int().min(0)]);
/** Of offsets and of pairs of texts only. */
const others = { trim_offsets: z.boolean().optional(), add_prefix_space: z.boolean().optional() };
const item = z.union([
  z.strictObject({ SpecialToken: z.strictObject({ id: z.string(), type_id: z.number() }) }),
  z.strictObject({ Sequence: z.strictObject({ id: z.literal('A'), type_id: z.number() }) }),
]);

const template = z
  .strictObject({
    type: z.literal('TemplateProcessing'),
    single: z.array(item),
    pair: z.unknown().optional(),
    special_tokens: z.record(
      z.string(),
      z.strictObject({ id: z.string(), ids: z.array(z.number().int().min(0)), tokens: z.array(z.string()) }),
    ),
  })
  .transform(({ single, special_tokens: special }, context): Frame => {
    const middle = single.findIndex((one) => 'Sequence' in one);
    const ids = (items: typeof single): number[] =>
      items.flatMap((one) => {
        const token = 'SpecialToken' in one ? special[one.SpecialToken.id] : undefined;
        if (!token) context.addIssue('its single has another text, or a token that special_tokens lacks');
        return token?.ids ?? [];
      });
    if (middle < 0) context.addIssue('its single has no place for the text');
    return { before: ids(single.slice(0, Math.max(middle, 0))), after: ids(single.slice(middle + 1)) };
  });

/** A post-processor of a `tokenizer.json`: what it puts around one text. */
export const postProcessorSchema: z.ZodType<Frame> = z.lazy(() =>
  z.discriminatedUnion('type', [
    template,
    z
      .strictObject({
        type: z.enum(['RobertaProcessing', 'BertProcessing']),
        sep: entry,
        cls: entry,
        ...others,
      })
      .transform(({ cls, sep }): Frame => ({ before: [cls[1]], after: [sep[1]] })),
    z
      .strictObject({ type: z.literal('ByteLevel'), use_regex: z.boolean().optional(), ...others })
      .transform((): Frame => ({ before: [], after: [] })),
    z
      .strictObject({ type: z.literal('Sequence'), processors: z.array(postProcessorSchema) })
      .transform(({ processors }): Frame => {
        return {
          before: processors.toReversed().flatMap(({ before }) => before),
          after: processors.flatMap(({ after }) => after),
        };
      }),
  ]),
);
