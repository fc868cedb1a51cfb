import type { ReportCurvePoint } from './report-data.js';

/**
 * A curve with at most `maximum` points: neighbours are averaged, in groups of equal size. Points that are not finite
 * are left out.
 *
 * @returns the curve, and how many points each of its points stands for
 */
export function thinCurve(
  curve: readonly ReportCurvePoint[],
  maximum: number,
): { readonly points: readonly ReportCurvePoint[]; readonly size: number } {
  const known = curve.filter(({ step, loss }) => Number.isFinite(step) && Number.isFinite(loss));
  const size = Math.max(1, Math.ceil(known.length / maximum));
  if (size === 1) return { points: known, size };
  const points: ReportCurvePoint[] = [];
  for (let from = 0; from < known.length; from += size) {
    const group = known.slice(from, from + size);
    points.push({
      step: Math.round(group.reduce((sum, { step }) => sum + step, 0) / group.length),
      loss: group.reduce((sum, { loss }) => sum + loss, 0) / group.length,
    });
  }
  return { points, size };
}
