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
 * Reads the processor of a checkpoint folder: from `processor_config.json` if one stands in it (transformers 5 saves it with
 * a tokenizer), `preprocessor_config.json`, `video_preprocessor_config.json`, or `pretrained_cfg` in the `config.json` of a
 * timm checkpoint.
 */
export function loadProcessor(directory: string): Processor {
  const { keys, path, isTimm } = readKeys(directory);
  if (isTimm) return new ImageProcessor(parseTimmProcessorConfig(keys, path));
  const type = processorTypeOf(keys) ?? '';
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

/** What a processor's file holds; parsing decides whether it can be followed. */
interface ProcessorFile {
  readonly keys: unknown;
  readonly path: string;
  readonly isTimm: boolean;
}

function readKeys(directory: string): ProcessorFile {
  if (!existsSync(directory))
    throw imageProcessorError(directory, 'does not exist; give the path of a checkpoint folder');
  const pathOf = (name: string): string => join(directory, name);
  const joint = pathOf('processor_config.json');
  if (existsSync(joint)) {
    const json = readJson(joint);
    for (const part of ['image_processor', 'video_processor', 'feature_extractor']) {
      const keys = memberOf(json, part);
      if (keys) return { keys, path: joint, isTimm: false };
    }
  }
  for (const path of [pathOf('preprocessor_config.json'), pathOf('video_preprocessor_config.json')])
    if (existsSync(path)) return { keys: readJson(path), path, isTimm: false };
  const model = pathOf('config.json');
  const timm = existsSync(model) ? memberOf(readJson(model), 'pretrained_cfg') : null;
  if (timm) return { keys: timm, path: model, isTimm: true };
  throw imageProcessorError(
    pathOf('preprocessor_config.json'),
    `does not exist; add the file, or make an ImageProcessor with its config in code`,
  );
}

function memberOf(json: unknown, key: string): unknown {
  return typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[key] : null;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw imageProcessorError(path, `is not JSON (${(error as Error).message})`, error);
  }
}
