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

/**
 * Folder of a small TimeSformer in Hugging Face's layout, which began as the ViT and was trained on moving drawings with
 * Ocelli. It sees 4 frames of a video.
 */
export const videoModelDirectory: string = fileURLToPath(new URL('../models/video-model', import.meta.url));
