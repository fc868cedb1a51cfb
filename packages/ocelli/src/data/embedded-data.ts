import { type EncoderConfig, imageSizeOf } from '@ocelli/backbones';
import type { Dataset } from '@ocelli/datasets';
import { emojiClips, emojiScenes, splits } from '@ocelli/emoji-scenes';
import { emojiVoices, voiceSplits } from '@ocelli/emoji-voices';
import { z } from 'zod';

const common = {
  concepts: z.enum(['demo', 'harder', 'all']).default('demo'),
  size: z.number().int().positive().max(1_000_000).optional(),
  seed: z.number().int().nonnegative().optional(),
};
const drawn = z.strictObject({ split: z.enum(splits as [(typeof splits)[number]]), ...common });
const spoken = z.strictObject({ split: z.enum(voiceSplits as [(typeof voiceSplits)[number]]), ...common });

/** The embedded data sets in place of one on disk, by their key in a configuration. Made when asked for. */
export const embeddedSchemas = {
  /** Pictures. */
  emojiScenes: z.strictObject({ emojiScenes: drawn }),
  /** Videos. */
  emojiClips: z.strictObject({ emojiClips: drawn }),
  /** Recordings. */
  emojiVoices: z.strictObject({ emojiVoices: spoken }),
} as const;

export type EmbeddedKey = keyof typeof embeddedSchemas;
export type EmbeddedData = z.infer<(typeof embeddedSchemas)[EmbeddedKey]>;

/** Their names on the command line: `emoji-scenes:SPLIT`. */
export const embeddedNames: Readonly<Record<string, EmbeddedKey>> = {
  'emoji-scenes': 'emojiScenes',
  'emoji-clips': 'emojiClips',
  'emoji-voices': 'emojiVoices',
};

/** The splits of an embedded data set. */
export function splitsOf(key: EmbeddedKey): readonly string[] {
  return key === 'emojiVoices' ? voiceSplits : splits;
}

/** Which embedded data set a configuration names, if any. */
export function embeddedKeyOf(config: object): EmbeddedKey | undefined {
  return (Object.keys(embeddedSchemas) as EmbeddedKey[]).find((key) => key in config);
}

/** @param encoder says at which size pictures and frames are drawn. */
export function openEmbedded(data: EmbeddedData, encoder: EncoderConfig): Dataset {
  if ('emojiVoices' in data) return emojiVoices(defined(data.emojiVoices));
  const [imageSize] = imageSizeOf(encoder);
  if ('emojiScenes' in data) return emojiScenes({ ...defined(data.emojiScenes), imageSize });
  return emojiClips({ ...defined(data.emojiClips), imageSize });
}

type Defined<Options> = { [Key in keyof Options]: Exclude<Options[Key], undefined> };

/** Without the keys that nothing was said of. */
function defined<Options extends object>(options: Options): Defined<Options> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Defined<Options>;
}
