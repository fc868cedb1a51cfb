import { formatScore, isKnown } from '../format-number.js';
import type { ReportNumber } from './evaluation-data.js';

/** How a metric's numbers are written and drawn. */
export interface NumberStyle {
  readonly unit?: 'percent' | 'number';
  readonly digits?: number;
}

/** `52.1 %` or `0.312`. */
export function formatValue(value: number | undefined, { unit, digits }: NumberStyle): string {
  const text = formatScore(value, digits);
  return unit === 'percent' && isKnown(value) ? `${text} %` : text;
}

/** `48.0 to 56.2`; nothing without an interval. */
export function formatInterval({ low, high }: ReportNumber, { digits }: NumberStyle): string {
  return isKnown(low) && isKnown(high) ? `${formatScore(low, digits)} to ${formatScore(high, digits)}` : '';
}

/** Where the axis of some numbers ends: 100 for percent, else 1, 2, 5 or 10 times a power of ten that holds all. */
export function axisEnd(numbers: readonly ReportNumber[], { unit }: NumberStyle): number {
  if (unit === 'percent') return 100;
  const most = Math.max(1, ...numbers.flatMap(({ value, high }) => [value, high]).filter(isKnown));
  const power = 10 ** Math.floor(Math.log10(most));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= most)!;
}

/** A bar from 0 to the value with the interval over its end, on an axis from 0 to `end`. The number stands beside it. */
export function intervalBar({ value, low, high }: ReportNumber, end: number): string {
  const place = (number: number) => `${Math.min(100, Math.max(0, (100 * number) / end)).toFixed(2)}%`;
  const bar = isKnown(value) ? `<i class="fill" style="width:${place(value)}"></i>` : '';
  const range =
    isKnown(low) && isKnown(high)
      ? `<i class="range" style="left:${place(low)};right:calc(100% - ${place(high)})"></i>`
      : '';
  return `<span class="interval" aria-hidden="true">${bar}${range}</span>`;
}
