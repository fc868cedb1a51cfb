const listeners: (() => void)[] = [];

/** Calls `listener` whenever a wait rejects: work that was queued before it may not have been done. */
export function onFailure(listener: () => void): void {
  listeners.push(listener);
}

/** A wait for the device; every one goes through here. */
export function watch<Value>(wait: Promise<Value>): Promise<Value> {
  wait.catch(() => {
    for (const listener of listeners) listener();
  });
  return wait;
}
