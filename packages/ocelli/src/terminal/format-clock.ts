/** `0:08`, `12:30`, `1:02:05`. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** `0.52/s`, `12.3/s`, `1204/s`. */
export function formatRate(perSecond: number): string {
  return `${perSecond.toFixed(perSecond < 1 ? 2 : perSecond < 100 ? 1 : 0)}/s`;
}
