import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AudioProcessor } from './audio-processor.js';
import { parseAudioProcessorConfig } from './audio-processor-config.js';
import { ImageProcessor } from './image-processor.js';
import { imageProcessorError, parseImageProcessorConfig, processorTypeOf } from './image-processor-config.js';
import { parseTimmProcessorConfig } from './timm-processor-config.js';
import { VideoProcessor } from './video-processor.js';

/** What stands before an encoder; `kind` tells which: `image`, `video` or `audio`. */
export type Processor = ImageProcessor | VideoProcessor | AudioProcessor;

/**
 * Reads the processor of a checkpoint folder: `preprocessor_config.json` (`video_preprocessor_config.json` for a video
 * processor saved by itself), or `pretrained_cfg` in the `config.json` of a timm checkpoint.
 */
export function loadProcessor(directory: string): Processor {
  const { keys, path, isTimm } = readKeys(directory);
  if (isTimm) return new ImageProcessor(parseTimmProcessorConfig(keys, path));
  const type = processorTypeOf(keys ?? {}) ?? '';
  if (/^(AST|Whisper)FeatureExtractor$/.test(type))
    return new AudioProcessor(parseAudioProcessorConfig(keys, path));
  const image = new ImageProcessor(parseImageProcessorConfig(keys, path));
  return /^(VideoMAE|Timesformer)|VideoProcessor$/.test(type) ? new VideoProcessor(image) : image;
}

/** As `loadProcessor`, for a folder whose encoder sees pictures. */
export function loadImageProcessor(directory: string): ImageProcessor {
  const processor = loadProcessor(directory);
  if (processor.kind === 'image') return processor;
  throw imageProcessorError(directory, `holds a processor for ${processor.kind}; open it with loadProcessor`);
}

/** Whatever JSON a processor's file holds; parsing decides whether it can be followed. */
interface ProcessorFile {
  readonly keys: Record<string, never> | null;
  readonly path: string;
  readonly isTimm: boolean;
}

function readKeys(directory: string): ProcessorFile {
  const own = join(directory, 'preprocessor_config.json');
  const video = join(directory, 'video_preprocessor_config.json');
  const model = join(directory, 'config.json');
  for (const path of [own, video]) if (existsSync(path)) return { keys: readJson(path), path, isTimm: false };
  const timm = existsSync(model) ? readJson(model)?.pretrained_cfg : null;
  if (timm) return { keys: timm, path: model, isTimm: true };
  throw imageProcessorError(
    own,
    `does not exist; add the file, or make an ImageProcessor with its config in code`,
  );
}

function readJson(path: string): Record<string, never> | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, never> | null;
  } catch (error) {
    throw imageProcessorError(path, `is not JSON (${(error as Error).message})`, error);
  }
}
