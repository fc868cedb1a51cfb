const units = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;

/** `1.5 GiB`, in the largest unit that gives at least 1. */
export function formatBytes(bytes: number): string {
  const unit = bytes >= units.GiB ? 'GiB' : bytes >= units.MiB ? 'MiB' : 'KiB';
  const value = bytes / units[unit];
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`;
}

/** Bytes of a size such as `2 GiB` or `800 MiB`. */
export function parseBytes(text: string): number {
  return Math.floor(Number.parseFloat(text) * units[text.slice(-3) as keyof typeof units]);
}
