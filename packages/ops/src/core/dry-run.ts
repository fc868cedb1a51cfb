import { refuseCapture } from './capturing.js';
import { currentDevice } from './open-device.js';

let depth = 0;

/**
 * Runs `body` for the memory that it would take: tensors have shapes and are counted, but no memory is allocated and nothing
 * is computed, copied or read from files. `device.memory()` inside tells what would be in use, beside what is. Tensors made
 * here may be used in later dry runs and nowhere else; values cannot be read.
 *
 * @param body synchronous.
 */
export function dryRun<Result>(body: () => Result): Result {
  refuseCapture('dry run', 'it has no values');
  const { native } = currentDevice();
  if (depth++ === 0) native.setPlanning(true);
  try {
    return body();
  } finally {
    if (--depth === 0) native.setPlanning(false);
  }
}

/** Whether a dry run is on: tensors made now have no values. */
export function isDryRun(): boolean {
  return depth > 0;
}
