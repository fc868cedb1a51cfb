import { totalmem } from 'node:os';
import type { OcelliConfig } from '../config/read-config.js';
import { scoreTable } from '../evaluate/score-table.js';
import { formatBytes } from '../memory/format-bytes.js';
import type { DryRunReport } from './dry-run.js';

const whole = (count: number): string => count.toLocaleString('en-US');

/** A dry run in words for the terminal. */
export function describeDryRun(config: OcelliConfig, report: DryRunReport): string {
  const { data, length, missing, plan, trainableParameters, losses, evaluation } = report;
  const { batchSize, gradientAccumulation } = config.training;
  const width = Math.max(...data.map(({ place }) => place.length));
  const fits = plan.total <= totalmem();
  return [
    ...(config.about ? [config.about.title] : []),
    ...data.map(
      ({ place, samples, examples }) =>
        `${place.padEnd(width)}  ${whole(samples)} samples, ${whole(examples)} captions and questions`,
    ),
    `trained: ${whole(trainableParameters)} parameters`,
    `training: ${whole(length.steps)} steps of ${whole(batchSize * gradientAccumulation)}, ${whole(length.stepsPerEpoch)} an epoch`,
    `memory: ${formatBytes(plan.total)} at most` +
      `${missing.includes(config.languageModel) ? ', were each byte of a text a token' : ''}; this machine has ` +
      `${formatBytes(totalmem())}${fits ? '' : ', which is too little unless a GPU holds it (ocelli info --plan lists the parts)'}`,
    `two steps: loss ${losses.map((loss) => loss.toFixed(3)).join(', ')}`,
    'a few samples, scored:',
    scoreTable(evaluation),
    missing.length === 0
      ? 'Everything is here. Start it without --dry-run.'
      : `Not on this machine: ${missing.join(', ')}. A tiny random model took its place: all of the above but the weights was tried.`,
  ].join('\n');
}
