import type { EncoderConfig } from '@ocelli/backbones';
import { type Dataset, openDataset } from '@ocelli/datasets';
import type { DataConfig } from '../config/read-config.js';
import { type EmbeddedData, embeddedKeyOf, openEmbedded } from './embedded-data.js';

/**
 * Opens what `data.train` or `data.validation` names.
 *
 * @param encoder says at which size pictures and clips are drawn; media on disk have their own.
 */
export async function openData(config: DataConfig, encoder: EncoderConfig): Promise<Dataset> {
  return isEmbedded(config) ? openEmbedded(config, encoder) : openDataset(config);
}

function isEmbedded(config: DataConfig): config is EmbeddedData {
  return embeddedKeyOf(config) !== undefined;
}
