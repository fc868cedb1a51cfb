import { createHash } from 'node:crypto';

/**
 * A short key of settings: equal for equal values, whatever the order of their keys.
 *
 * @param version of the arithmetic that follows the settings.
 */
export function fingerprintOf(version: string, settings: unknown): string {
  return createHash('sha256')
    .update(`${version}:${canonical(settings)}`)
    .digest('hex')
    .slice(0, 32);
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  );
}
