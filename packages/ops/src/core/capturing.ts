import { OcelliError } from './errors.js';
import type { OpenDevice } from './open-device.js';
import type { Storage } from './storage.js';

/** What a capture that is on gathers beside the kernel calls. */
export interface Capturing {
  readonly id: symbol;
  readonly device: OpenDevice;
  /** Memory that its calls use and that was there before. */
  readonly used: Set<Storage>;
  /** Memory for values that JavaScript wrote meanwhile. */
  readonly constants: Storage[];
  readonly hooks: (() => void)[];
}

let current: Capturing | null = null;

/** The capture that is on. */
export function capturing(): Capturing | null {
  return current;
}

export function setCapturing(capturing: Capturing | null): void {
  current = capturing;
}

/** Calls `hook` before each replay of the capture that is on, if one is: for numbers that change from one to the next. */
export function beforeReplay(hook: () => void): void {
  current?.hooks.push(hook);
}

/** Throws for an operation that could not be made again as it is, while a capture is on. */
export function refuseCapture(operation: string, why: string): void {
  if (current) throw new OcelliError(operation, `it cannot be captured: ${why}`);
}
