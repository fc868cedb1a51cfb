import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonObject, SpecialTokens } from './special-tokens.js';

/** What the older files of a tokenizer come to: a `tokenizer.json`, and the names of its special tokens. */
export interface Conversion {
  readonly definition: JsonObject;
  readonly specialTokens: JsonObject;
}

type Family = 'GPT2' | 'Roberta' | 'CLIP' | 'Whisper';

const end = '<|endoftext|>';
const defaults = {
  GPT2: { bos_token: end, eos_token: end, unk_token: end },
  Roberta: {
    bos_token: '<s>',
    eos_token: '</s>',
    sep_token: '</s>',
    cls_token: '<s>',
    unk_token: '<unk>',
    pad_token: '<pad>',
    mask_token: '<mask>',
  },
  CLIP: { bos_token: '<|startoftext|>', eos_token: end, unk_token: end, pad_token: end },
  Whisper: { bos_token: end, eos_token: end, unk_token: end },
} as const;

/** CLIP's words; its text is in small letters by then. */
const clipWords =
  "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/**
 * Byte-level BPE (Radford et al. 2019) from `vocab.json` and `merges.txt`, as GPT-2, OPT, RoBERTa, BART, CLIP and Whisper have
 * it.
 */
export function convertByteLevel(family: Family, directory: string, config: JsonObject): Conversion {
  const vocab = JSON.parse(readFileSync(join(directory, 'vocab.json'), 'utf8')) as Record<string, number>;
  const vocabulary = new Map(Object.entries(vocab));
  const special = new SpecialTokens(config, defaults[family]);
  const added = special.added(vocabulary);
  const ids = new Map([...vocabulary, ...added.map(({ content, id }) => [content, id] as const)]);
  const entry = (token: string | null): [string, number] => {
    const id = token === null ? undefined : ids.get(token);
    if (id === undefined)
      throw new Error(`it has no id for ${JSON.stringify(token)}, which stands around texts`);
    return [token!, id];
  };
  const addsSpace = config.add_prefix_space === true;
  const isClip = family === 'CLIP';
  const bytes = { type: 'ByteLevel', add_prefix_space: addsSpace && !isClip, use_regex: true };
  const definition = {
    added_tokens: added,
    normalizer: isClip ? clipNormalizer : null,
    pre_tokenizer: isClip ? { type: 'Sequence', pretokenizers: [clipSplit, bytes] } : bytes,
    model: {
      type: 'BPE',
      vocab,
      merges: readMerges(join(directory, 'merges.txt')),
      unk_token: isClip ? special.content('unk_token') : null,
      end_of_word_suffix: isClip ? '</w>' : null,
    },
    post_processor: postProcessor(family, config, special, entry),
    decoder: { type: 'ByteLevel' },
  };
  return { definition, specialTokens: special.contents() };
}

const clipNormalizer = {
  type: 'Sequence',
  normalizers: [
    { type: 'NFC' },
    { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
    { type: 'Lowercase' },
  ],
};
const clipSplit = { type: 'Split', pattern: { Regex: clipWords }, behavior: 'Removed', invert: true };

function postProcessor(
  family: Family,
  config: JsonObject,
  special: SpecialTokens,
  entry: (token: string | null) => [string, number],
): JsonObject | null {
  const around = (first: 'cls_token' | 'bos_token', last: 'sep_token' | 'eos_token'): JsonObject => ({
    type: 'RobertaProcessing',
    cls: entry(special.content(first)),
    sep: entry(special.content(last)),
  });
  if (family === 'Roberta') return around('cls_token', 'sep_token');
  if (family === 'CLIP') return around('bos_token', 'eos_token');
  if (family === 'Whisper') return whisperTemplate(config, special, entry);
  return null;
}

function whisperTemplate(
  config: JsonObject,
  special: SpecialTokens,
  entry: (token: string | null) => [string, number],
): JsonObject {
  for (const key of ['language', 'task']) {
    if (config[key] != null)
      throw new Error(
        `its ${key} ${JSON.stringify(config[key])} is set, which only a tokenizer.json can express`,
      );
  }
  const before = [
    '<|startoftranscript|>',
    ...(config.predict_timestamps === true ? [] : ['<|notimestamps|>']),
  ];
  const names = [...before, special.content('eos_token')];
  const tokens = names.map((name) => entry(name));
  const place = ([id]: [string, number]): JsonObject => ({ SpecialToken: { id, type_id: 0 } });
  return {
    type: 'TemplateProcessing',
    single: [
      ...tokens.slice(0, -1).map(place),
      { Sequence: { id: 'A', type_id: 0 } },
      ...tokens.slice(-1).map(place),
    ],
    special_tokens: Object.fromEntries(
      tokens.map(([id, number]) => [id, { id, ids: [number], tokens: [id] }]),
    ),
  };
}

/** Pairs in the order in which they are merged, one a line. */
function readMerges(path: string): [string, string][] {
  const lines = readFileSync(path, 'utf8').split(/\r?\n/);
  return lines.flatMap((line, index): [string, string][] => {
    if (line === '' || line.startsWith('#version')) return [];
    const [left, right, ...rest] = line.split(' ');
    if (!left || !right || rest.length > 0)
      throw new Error(`merges.txt line ${index + 1} is ${JSON.stringify(line.slice(0, 60))}, not a pair`);
    return [[left, right]];
  });
}
