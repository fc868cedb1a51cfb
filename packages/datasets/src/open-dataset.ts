import { checkMedia } from './check-media.js';
import { DatasetError } from './dataset-error.js';
import { datasetFormat, datasetFormats, type FormatConfig } from './formats/registry.js';
import { checkAs } from './records/read-json.js';
import type { ReadContext } from './records/read-records.js';
import type { Dataset } from './sample.js';
import { subset } from './subset.js';

/** What `openDataset` opens, by its `format`, and which part of it. Plain data: it may come from a JSON file. */
export type DatasetConfig = FormatConfig;

/**
 * Opens any data set that this package can read.
 *
 * @param context what to do with broken records; by default the first is thrown.
 * @throws {DatasetError} in a sentence that names the file, the line or record, or the field of the configuration.
 */
export async function openDataset(config: DatasetConfig, context: ReadContext = {}): Promise<Dataset> {
  const name = (config as { readonly format?: unknown }).format;
  const format = datasetFormat(String(name));
  if (format === undefined) {
    throw new DatasetError(
      `the format ${JSON.stringify(name)} is unknown`,
      `choose ${datasetFormats.map((one) => one.name).join(', ')}`,
    );
  }
  const checked = checkAs(format.schema, config, `the configuration of ${format.name}`);
  const dataset = await format.open(checked, context);
  const whole = config.subset === undefined ? dataset : await subset(dataset, config.subset);
  if (config.checkMedia ?? dataset.runs === undefined) await checkMedia(whole);
  return whole;
}
