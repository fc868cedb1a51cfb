const units = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;

/** `1.5 GiB`, in the largest unit that gives at least 1. */
export function formatBytes(bytes: number): string {
  const unit = bytes >= units.GiB ? 'GiB' : bytes >= units.MiB ? 'MiB' : 'KiB';
  const value = bytes / units[unit];
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`;
}

/** What `parseBytes` reads. */
export const bytesPattern = /^\d+(\.\d+)? ?([MGT])(i?)B$/;

/** Bytes of a size such as `2 GiB` or `800 MB`: powers of 1024 with an i, of 1000 without. */
export function parseBytes(text: string): number {
  const [, , letter, binary] = bytesPattern.exec(text)!;
  return Math.floor(Number.parseFloat(text) * (binary ? 1024 : 1000) ** ('MGT'.indexOf(letter!) + 2));
}
