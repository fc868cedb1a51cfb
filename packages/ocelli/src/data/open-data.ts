import { type EncoderConfig, imageSizeOf } from '@ocelli/backbones';
import { type Dataset, openDataset } from '@ocelli/datasets';
import { emojiScenes } from '@ocelli/emoji-scenes';
import type { DataConfig } from '../config/read-config.js';

/**
 * Opens what `data.train` or `data.validation` names.
 *
 * @param encoder says at which size emoji scenes are drawn; media on disk have their own.
 */
export async function openData(config: DataConfig, encoder: EncoderConfig): Promise<Dataset> {
  if (!('emojiScenes' in config)) return openDataset(config);
  const { split, concepts, size, seed } = config.emojiScenes;
  return emojiScenes({
    split,
    concepts,
    imageSize: imageSizeOf(encoder)[0],
    ...(size === undefined ? {} : { size }),
    ...(seed === undefined ? {} : { seed }),
  });
}
