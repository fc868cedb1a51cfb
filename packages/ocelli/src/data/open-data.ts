import { type Dataset, openDataset } from '@ocelli/datasets';
import { emojiScenes } from '@ocelli/emoji-scenes';
import type { DataConfig } from '../config/read-config.js';

/**
 * Opens what `data.train` or `data.validation` names.
 *
 * @param imageSize side in pixels at which emoji scenes are drawn; pictures on disk have their own.
 */
export async function openData(config: DataConfig, imageSize: number): Promise<Dataset> {
  if (!('emojiScenes' in config)) return openDataset(config);
  const { split, concepts, size, seed } = config.emojiScenes;
  return emojiScenes({
    split,
    concepts,
    imageSize,
    ...(size === undefined ? {} : { size }),
    ...(seed === undefined ? {} : { seed }),
  });
}
