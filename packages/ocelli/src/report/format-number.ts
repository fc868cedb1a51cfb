/** `23,424`; `–` for what is not a finite number. */
export function formatCount(value: number | undefined): string {
  return isKnown(value) ? Math.round(value).toLocaleString('en-US') : '–';
}

/** A fixed number of digits after the point; `–` for what is absent or not finite. */
export function formatScore(value: number | undefined, digits = 1): string {
  return isKnown(value) ? value.toFixed(digits) : '–';
}

/** A share of parameters, 0 to 100: at least two significant digits, so `0.45 %`, `0.0021 %` and `12.3 %`. */
export function formatShare(percent: number): string {
  if (!isKnown(percent)) return '–';
  if (percent === 0) return '0 %';
  const digits = Math.max(0, percent >= 10 ? 1 : 1 - Math.floor(Math.log10(Math.abs(percent))));
  return `${percent.toFixed(Math.min(Math.max(digits, percent < 10 ? 2 : 1), 10))} %`;
}

/** `8.4 s`, `38 s`, `4 min 5 s`, `1 h 2 min`. */
export function formatDuration(seconds: number): string {
  if (!isKnown(seconds)) return '–';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Whether there is a number to show. */
export function isKnown(value: number | undefined): value is number {
  return value !== undefined && value !== null && Number.isFinite(value);
}
