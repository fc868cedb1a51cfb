import { DatasetError } from '../dataset-error.js';

/** The folder that a record needs. @throws {DatasetError} naming the field that the configuration lacks. */
export function mediaFolder<Key extends 'images' | 'videos' | 'audios'>(
  config: { readonly [K in Key]?: string | undefined },
  key: Key,
  where: string,
): string {
  const folder = config[key];
  if (folder !== undefined) return folder;
  throw new DatasetError(
    `${where} is about ${key}, and the configuration has no "${key}"`,
    `add "${key}", their folder`,
  );
}
