/** How many tensors of a kind a call of these kernels takes (native/src/cpu/adamw.cpp). */
const places = 12;

/** Cuts items into those of one call each; places that stay free are null. */
export function callsOf<Item>(items: readonly Item[]): (Item | null)[][] {
  return Array.from({ length: Math.ceil(items.length / places) }, (_, call) =>
    Array.from({ length: places }, (_, place) => items[call * places + place] ?? null),
  );
}
