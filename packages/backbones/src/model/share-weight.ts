import { device, isDryRun, keep, type PackedWeight, Tensor } from '@ocelli/ops';

interface Entry {
  readonly value: Tensor | PackedWeight;
  users: number;
}

/** What models of this process have in memory, by what it is. */
const entries = new Map<string, Entry>();

// A wait that failed may have left out loads that were queued before it: models of later loads do not take part in them.
device.onFailure(() => entries.clear());

/** A frozen weight, and what its user calls when done with it. */
export interface SharedWeight<T> {
  /** A packed weight, which `release` frees with its last user; or a view of a tensor, which the user disposes as well. */
  readonly value: T;
  release(): void;
}

/**
 * A frozen weight that models share.
 *
 * @param key the same for the same values in the same form; undefined for what is not shared.
 * @param make makes it if no model has it.
 */
export function shareWeight<T extends Tensor | PackedWeight>(
  key: string | undefined,
  make: () => T,
): SharedWeight<T> {
  const name = key && (isDryRun() ? `dry run ${key}` : key);
  let entry = name === undefined ? undefined : entries.get(name);
  if (!entry) {
    entry = { value: make(), users: 0 };
    if (name !== undefined) entries.set(name, entry);
  }
  const shared = entry;
  shared.users++;
  return {
    value:
      shared.value instanceof Tensor
        ? (keep(shared.value.view(shared.value.shape)) as T)
        : (shared.value as T),
    release() {
      if (--shared.users > 0) return;
      shared.value.dispose();
      if (name !== undefined && entries.get(name) === shared) entries.delete(name);
    },
  };
}
