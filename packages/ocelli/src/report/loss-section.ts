import { escapeHtml } from './escape-html.js';
import type { ReportCurve } from './evaluation/evaluation-data.js';
import { formatCount, formatScore } from './format-number.js';
import { methodClass, methodSwatch } from './method-swatch.js';
import { niceTicks } from './nice-ticks.js';
import type { ReportCurvePoint } from './report-data.js';
import { thinCurve } from './thin-curve.js';

const MAXIMUM_POINTS = 160;
// The drawing is stretched to the width of the page; strokes and labels are not.
const WIDTH = 1000;
const HEIGHT = 400;

interface Curve {
  readonly label: string;
  readonly index: number;
  readonly points: readonly ReportCurvePoint[];
  readonly size: number;
}

function table(curves: readonly Curve[], lastStep: number): string {
  const steps = [0, 0.1, 0.25, 0.5, 0.75, 1].map((share) => share * lastStep);
  const nearest = (points: readonly ReportCurvePoint[], step: number) =>
    points.reduce((best, point) => (Math.abs(point.step - step) < Math.abs(best.step - step) ? point : best));
  const rows = curves.map(({ label, points }) => {
    const cells = steps.map((step) => `<td>${formatScore(nearest(points, step).loss, 3)}</td>`);
    return `<tr><th scope="row">${escapeHtml(label)}</th>${cells.join('')}</tr>`;
  });
  const heads = steps.map((step) => `<th scope="col">${formatCount(step)}</th>`);
  return `<details><summary>As a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Loss by step"><table class="plain">
<thead><tr><th scope="col">Loss near step</th>${heads.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div></details>`;
}

/** The loss over the steps of one or several trainings, as lines with a crosshair, and as a table. */
export function lossSection(logs: readonly ReportCurve[]): string {
  const curves: Curve[] = logs
    .map(({ label, curve }, index) => ({ label, index, ...thinCurve(curve, MAXIMUM_POINTS) }))
    .filter(({ points }) => points.length > 0);
  if (curves.length === 0) return '';
  const all = curves.flatMap(({ points }) => points);
  const highest = Math.max(...all.map(({ loss }) => loss));
  const ticks = niceTicks(Math.min(0, ...all.map(({ loss }) => loss)), highest, 5);
  const [bottom, top] = [ticks[0]!, highest === 0 ? 1 : highest + Math.abs(highest) * 0.03];
  const vertical = ticks.filter((tick) => tick <= top);
  const lastStep = Math.max(1, ...all.map(({ step }) => step));
  const horizontal = niceTicks(0, lastStep, 5).filter((step) => step <= lastStep);
  const x = (step: number) => (step / lastStep) * WIDTH;
  const y = (loss: number) => HEIGHT - ((loss - bottom) / (top - bottom)) * HEIGHT;

  const grid = vertical.map((tick) => `<path class="grid" d="M0 ${y(tick).toFixed(1)}H${WIDTH}"/>`);
  // The first methods are drawn last, so that they lie on top.
  const lines = [...curves].reverse().map(({ index, points }) => {
    const path = points.map(({ step, loss }) => `${x(step).toFixed(1)} ${y(loss).toFixed(1)}`).join('L');
    return `<path class="line ${methodClass(index)}" d="M${path}"/>`;
  });
  const labels = [
    ...vertical.map(
      (tick) =>
        `<span class="tick-y" style="bottom:${((tick - bottom) / (top - bottom)) * 100}%">${tick}</span>`,
    ),
    ...horizontal.map(
      (tick) => `<span class="tick-x" style="left:${(tick / lastStep) * 100}%">${formatCount(tick)}</span>`,
    ),
  ];
  const legend = curves.map(
    ({ label, index, points }) =>
      `<li>${methodSwatch(index)}${escapeHtml(label)} <small>${formatScore(points.at(-1)!.loss, 2)}</small></li>`,
  );
  const spoken = JSON.stringify({
    bottom,
    top,
    lastStep,
    curves: curves.map(({ label, index, points }) => ({
      label,
      colour: methodClass(index),
      points: points.map(({ step, loss }) => [step, Number(loss.toPrecision(4))]),
    })),
  });
  const size = Math.max(...curves.map((curve) => curve.size));
  const averaged = size > 1 ? ` Each point is the mean of ${size} entries of the log.` : '';
  return `<section id="loss"><h2>Training loss</h2>
<p class="note">Cross-entropy of the words, by step; the number beside each name is its last loss.${averaged}</p>
<figure class="card"><ul class="legend">${legend.join('')}</ul>
<div class="plot" data-curves="${escapeHtml(spoken)}" tabindex="0" role="group" aria-label="Loss curves; move with the arrow keys">
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${grid.join('')}${lines.join('')}</svg>
${labels.join('')}<div class="crosshair" hidden></div><div class="tooltip" role="status" hidden></div></div>
<figcaption>step</figcaption>${table(curves, lastStep)}</figure></section>`;
}
