import { type Capturing, capturing, setCapturing } from './capturing.js';
import { isDryRun } from './dry-run.js';
import { OcelliError } from './errors.js';
import type { CaptureHandle } from './native.js';
import { currentDevice } from './open-device.js';
import { scope } from './scope.js';

/**
 * Runs `body` and keeps the kernel calls of its ops, so that `replay` makes them again: on the same memory, with the same
 * sizes and numbers, and without JavaScript. On a GPU they become one CUDA graph, which starts in one call. It is for steps
 * of fixed shape that repeat, where starting small ops costs more than they do.
 *
 * A replay reads what the tensors of the first run hold now: `write` new inputs into them, and read the tensors that `body`
 * returned. `AdamW.step` takes its next step with each replay, and `hostTensor` reads its values anew. What else came from
 * JavaScript stays what it was, say `scale(x, factor)` or a `tensor([...])` made inside.
 *
 * @param body synchronous, on one device, with its backward if there is one. Tensors that it makes and does not return are freed
 *   as in `scope`; gradients of parameters stay, and replays overwrite them, or add to them where the first run did.
 * @throws OcelliError for what would be wrong the second time: dropout, files, another device; and inside another capture or a dry run.
 */
export function capture<Result>(body: () => Result): Capture<Result> {
  if (capturing()) throw new OcelliError('capture', 'one is on already, and cannot hold another');
  if (isDryRun())
    throw new OcelliError('capture', 'a dry run has no values to replay; capture outside of it');
  const device = currentDevice();
  const gathered: Capturing = { id: Symbol('capture'), device, used: new Set(), constants: [], hooks: [] };
  device.native.beginCapture();
  setCapturing(gathered);
  let result: Result;
  try {
    result = scope(body);
  } catch (error) {
    free(gathered, device.native.endCapture());
    throw error;
  } finally {
    setCapturing(null);
  }
  return new Capture(gathered, device.native.endCapture(), result);
}

/** Ops that `capture` ran and that `replay` runs again. */
export class Capture<Result> {
  /** What the body returned; each replay overwrites its tensors. They are freed on their own. */
  readonly result: Result;
  readonly #gathered: Capturing;
  #handle: CaptureHandle | null;

  /** Of `capture`. */
  constructor(gathered: Capturing, handle: CaptureHandle, result: Result) {
    this.result = result;
    this.#gathered = gathered;
    this.#handle = handle;
  }

  /** Queues all calls again and returns at once, as an op does. */
  replay(): void {
    if (!this.#handle)
      throw new OcelliError('replay', 'the capture has been disposed; capture the ops again');
    for (const hook of this.#gathered.hooks) hook();
    this.#gathered.device.native.replay(this.#handle);
  }

  /** Frees what the calls use, once those that are queued have run. */
  dispose(): void {
    if (this.#handle) free(this.#gathered, this.#handle);
    this.#handle = null;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function free({ device, used, constants }: Capturing, handle: CaptureHandle): void {
  device.native.releaseCapture(handle);
  for (const storage of used) storage.unpin();
  for (const constant of constants) constant.release();
}
