import { DatasetError } from './dataset-error.js';
import { type CocoKarpathyConfig, openCocoKarpathy } from './open-coco-karpathy.js';
import { type FolderConfig, openFolder } from './open-folder.js';
import { openVqa, openVqaList, type VqaListConfig, type VqaOfficialConfig } from './open-vqa.js';
import type { Dataset } from './sample.js';
import { type SubsetOptions, subset } from './subset.js';

/** What `openDataset` opens, by its `format`, and which part of it. Plain data: it may come from a JSON file. */
export type DatasetConfig = (FolderConfig | CocoKarpathyConfig | VqaListConfig | VqaOfficialConfig) & {
  /** Keep the first so many samples, or a share. Default all. */
  readonly subset?: SubsetOptions;
};

function open(config: DatasetConfig): Promise<Dataset> {
  switch (config.format) {
    case 'folder':
      return openFolder(config);
    case 'coco-karpathy':
      return openCocoKarpathy(config);
    case 'vqa-list':
      return openVqaList(config);
    case 'vqa':
      return openVqa(config);
    default:
      throw new DatasetError(
        `the format ${JSON.stringify((config as { format?: unknown }).format)} is unknown`,
        'choose folder, coco-karpathy, vqa-list or vqa',
      );
  }
}

/**
 * Opens any data set that this package can read.
 * @throws {DatasetError} in a sentence that names the file, the line or the picture.
 */
export async function openDataset(config: DatasetConfig): Promise<Dataset> {
  const dataset = await open(config);
  return config.subset === undefined ? dataset : subset(dataset, config.subset);
}
