import { DatasetError } from '../dataset-error.js';
import type { Sample } from '../sample.js';

/** A sample, or what is wrong with it. */
export function sampleOrError(make: () => Sample): Sample | DatasetError {
  try {
    return make();
  } catch (error) {
    if (error instanceof DatasetError) return error;
    throw error;
  }
}
