import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OcelliError } from '@ocelli/ops';
import { type Conversion, convertByteLevel } from './slow-formats/byte-level.js';
import { convertLlama, convertT5 } from './slow-formats/sentencepiece.js';
import type { JsonObject } from './slow-formats/special-tokens.js';
import { convertWordPiece } from './slow-formats/word-piece.js';

/** A checkpoint's tokenizer, whatever files it has. */
export interface TokenizerFiles {
  /** The file that it stems from, for messages. */
  readonly path: string;
  /** As a `tokenizer.json` has it. */
  readonly definition: JsonObject;
  /** `tokenizer_config.json` with what else belongs to it. */
  readonly config: JsonObject;
}

interface Family {
  /** Sets of files of which one has to be there. */
  readonly files: readonly (readonly [string, ...string[]])[];
  readonly convert: (directory: string, path: string, config: JsonObject) => Conversion;
}

const bytePairs = ['vocab.json', 'merges.txt'] as const;
const byteLevel = (family: Parameters<typeof convertByteLevel>[0]): Family => ({
  files: [bytePairs],
  convert: (directory, _, config) => convertByteLevel(family, directory, config),
});

/** By tokenizer class in Python, without `Tokenizer` and `Fast`. */
const families: Readonly<Record<string, Family>> = {
  GPT2: byteLevel('GPT2'),
  Roberta: byteLevel('Roberta'),
  Bart: byteLevel('Roberta'),
  CLIP: byteLevel('CLIP'),
  Whisper: byteLevel('Whisper'),
  Bert: { files: [['vocab.txt']], convert: (directory, _, config) => convertWordPiece(directory, config) },
  Llama: { files: [['tokenizer.model']], convert: (_, path, config) => convertLlama(path, config) },
  T5: {
    files: [['spiece.model'], ['tokenizer.model']],
    convert: (_, path, config) => convertT5(path, config),
  },
};

/** By `model_type` of `config.json`, where no tokenizer class is named. */
const familyOfModel: Readonly<Record<string, string>> = {
  opt: 'GPT2',
  gpt2: 'GPT2',
  roberta: 'Roberta',
  bart: 'Bart',
  clip: 'CLIP',
  whisper: 'Whisper',
  bert: 'Bert',
  llama: 'Llama',
  t5: 'T5',
};

/**
 * Reads `tokenizer.json`, or makes one, as transformers 5 does, of the older files: `vocab.json` and `merges.txt` (GPT-2, OPT,
 * RoBERTa, BART, CLIP, Whisper), `vocab.txt` (BERT), a SentencePiece model (LLaMA, T5).
 *
 * @throws {OcelliError} naming the file that is missing or broken.
 */
export function readTokenizerFiles(directory: string): TokenizerFiles {
  const config = readConfig(directory);
  const path = join(directory, 'tokenizer.json');
  if (existsSync(path)) return { path, definition: readJson(path), config };
  const [name, family] = familyOf(directory, config);
  const files = family.files.find((set) => set.every((file) => existsSync(join(directory, file))));
  if (!files) {
    const sets = family.files.map((set) => set.join(' and '));
    throw new OcelliError(
      'tokenizer',
      `there is no ${path}, nor ${sets.join(' or ')} of a ${name} tokenizer; copy them there, or write it in Python with ` +
        'AutoTokenizer.from_pretrained(NAME).save_pretrained(FOLDER)',
    );
  }
  const first = join(directory, files[0]);
  try {
    const { definition, specialTokens } = family.convert(directory, first, config);
    return {
      path: first,
      definition,
      config: { tokenizer_class: `${name}Tokenizer`, ...specialTokens, ...config },
    };
  } catch (error) {
    throw new OcelliError('tokenizer', `${first} cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function familyOf(directory: string, config: JsonObject): [string, Family] {
  const path = join(directory, 'tokenizer.json');
  const known = Object.keys(families).join(', ');
  const named = config.tokenizer_class;
  const modelType = String(readOptional(directory, 'config.json').model_type);
  const name = typeof named === 'string' ? named.replace(/Tokenizer(Fast)?$/, '') : familyOfModel[modelType];
  const family = name !== undefined && Object.hasOwn(families, name) ? families[name] : undefined;
  if (family) return [name!, family];
  throw new OcelliError(
    'tokenizer',
    `there is no ${path}, and ${typeof named === 'string' ? `tokenizer_class ${named}` : `model_type ${modelType}`} is none ` +
      `whose older files Ocelli reads (${known}); write it in Python with AutoTokenizer.from_pretrained(NAME).save_pretrained(FOLDER)`,
  );
}

/** As in Python: without `added_tokens_decoder` the two older files count, `special_tokens_map.json` above the configuration. */
function readConfig(directory: string): JsonObject {
  const config = readOptional(directory, 'tokenizer_config.json');
  if (config.added_tokens_decoder !== undefined) return config;
  const merged: JsonObject = { ...config, ...readOptional(directory, 'special_tokens_map.json') };
  const added = Object.entries(readOptional(directory, 'added_tokens.json'));
  if (added.length === 0) return merged;
  const decoder = added.map(([content, id]) => [String(id), { content, normalized: true }]);
  return { ...merged, added_tokens_decoder: Object.fromEntries(decoder) as JsonObject };
}

function readOptional(directory: string, name: string): JsonObject {
  const path = join(directory, name);
  return existsSync(path) ? readJson(path) : {};
}

function readJson(path: string): JsonObject {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
    throw new Error('it holds no object');
  } catch (error) {
    throw new OcelliError('tokenizer', `${path} cannot be read as JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
