/** What of a checkpoint is wanted; `config.json` comes with each. */
export type CheckpointPart = 'weights' | 'tokenizer' | 'processor';

/** Every part. */
export const allParts: readonly CheckpointPart[] = ['weights', 'tokenizer', 'processor'];

const processorFiles = ['preprocessor_config.json', 'processor_config.json'];
const tokenizerSettings = ['tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json'];
/** Forms of a tokenizer; the first that is complete is taken. */
const tokenizerForms = [
  ['tokenizer.json'],
  ['vocab.json', 'merges.txt'],
  ['tokenizer.model'],
  ['spiece.model'],
  ['sentencepiece.bpe.model'],
  ['vocab.txt'],
];
/** Forms of weights, the first that is there is taken: one file, or an index that names its shards. */
const weightForms = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
];

/**
 * The files at the top of a checkpoint's folder that Ocelli reads, weights in safetensors rather than PyTorch's form. The
 * shards that an index names come on top, see `shardsOf`.
 */
export function neededFiles(present: ReadonlySet<string>, parts: readonly CheckpointPart[]): string[] {
  const wanted = ['config.json'];
  if (parts.includes('weights')) wanted.push('generation_config.json');
  if (parts.includes('processor')) wanted.push(...processorFiles);
  if (parts.includes('tokenizer')) {
    wanted.push(...tokenizerSettings);
    wanted.push(...(tokenizerForms.find((form) => form.every((name) => present.has(name))) ?? []));
  }
  if (parts.includes('weights')) wanted.push(...weightForms.filter((name) => present.has(name)).slice(0, 1));
  return wanted.filter((name) => present.has(name));
}

/**
 * What the files lack for the parts to be read, in words; null when nothing is lacking. An encoder has no tokenizer and
 * many a language model no processor, so a missing one is an error only where nothing else is wanted.
 */
export function lacking(present: ReadonlySet<string>, parts: readonly CheckpointPart[]): string | null {
  if (parts.includes('weights')) {
    if (!present.has('config.json')) return 'no config.json';
    if (!weightForms.some((name) => present.has(name))) return `no weights (${weightForms.join(', ')})`;
  }
  const isTokenizer = (form: readonly string[]): boolean => form.every((name) => present.has(name));
  if (parts.every((part) => part === 'tokenizer') && !tokenizerForms.some(isTokenizer))
    return `no tokenizer (${tokenizerForms.map((form) => form.join(' and ')).join(', ')})`;
  return null;
}

/** Whether a file lists shards. */
export function isIndex(name: string): boolean {
  return name.endsWith('.index.json');
}

/** The shards that an index lists; null when it is no index. */
export function shardsOf(index: string): string[] | null {
  try {
    const { weight_map: map } = JSON.parse(index) as { weight_map?: Record<string, unknown> };
    const names = [...new Set(Object.values(map ?? {}))];
    const isName = (name: unknown): name is string => typeof name === 'string' && /^[\w-][\w.-]*$/.test(name);
    return names.length > 0 && names.every(isName) ? names.sort() : null;
  } catch {
    return null;
  }
}
