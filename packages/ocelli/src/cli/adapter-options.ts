/** Options of commands that use a saved adapter. */
export const adapterOptions = {
  adapter: {
    type: 'string',
    required: true,
    valueHint: 'DIR',
    description: 'Folder of a saved adapter, or the output folder of ocelli train',
  },
  encoder: {
    type: 'string',
    valueHint: 'DIR',
    description: 'Its encoder, if that is no longer where it was',
  },
  'language-model': {
    type: 'string',
    valueHint: 'DIR',
    description: 'Its language model, if that is no longer where it was',
  },
} as const;

/** Options of commands that generate text. */
export const generationOptions = {
  beams: { type: 'string', valueHint: 'N', description: 'Beams to search with; 1 is greedy', default: '1' },
  'max-new-tokens': { type: 'string', valueHint: 'N', description: 'Longest text in tokens', default: '30' },
} as const;
