import { fileURLToPath } from 'node:url';

/**
 * Folder of a small OPT language model in Hugging Face's layout, trained on text alone with Ocelli: `config.json`,
 * `model.safetensors`, `tokenizer.json`. Its README.md tells from what and how well.
 */
export const languageModelDirectory: string = fileURLToPath(
  new URL('../models/language-model', import.meta.url),
);

/** Folder of a small ViT in Hugging Face's layout, trained on drawings with Ocelli. */
export const visionModelDirectory: string = fileURLToPath(new URL('../models/vision-model', import.meta.url));

/** Folder of a small AST in Hugging Face's layout, trained on synthetic voices with Ocelli. */
export const audioModelDirectory: string = fileURLToPath(new URL('../models/audio-model', import.meta.url));
