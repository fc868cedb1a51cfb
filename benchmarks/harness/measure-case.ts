import { device, type PeakMeter } from '@ocelli/ops';
import type { Case, Contender } from './case.js';
import type { Result, Row } from './row.js';
import { summarize } from './statistics.js';

/** A sample should last this long: long against a timer and a wake-up, short against a change of the clock. */
const sampleSeconds = 0.012;

/** The roof over a case's work at this moment, per second; undefined where nothing says what the work is. */
export type Roof = () => Promise<number | undefined>;

/** Which peak a case is set against. */
export function roofOf(meter: PeakMeter, { operations, bytes, traffic = 'copy' }: Case): Roof {
  if (operations !== undefined) return () => meter.arithmetic();
  if (bytes === undefined) return async () => undefined;
  return traffic === 'read' ? () => meter.read(bytes) : () => meter.copy(bytes);
}

interface Sampled {
  readonly contender: Contender;
  readonly repeats: number;
  /** One who takes longer for one call than the case may take in all is sampled once. */
  readonly slow: boolean;
  readonly seconds: number[];
  readonly shares: number[];
}

/**
 * Measures a case: contenders take turns, sample by sample, and the roof is measured before and after each sample, so
 * that all of them and the roof see the same machine.
 */
export async function measureCase(suite: string, test: Case, roof: Roof): Promise<Row> {
  device.threads = test.threads;
  const { operations, bytes, samples: most = 9, seconds: budget = 1.2 } = test;
  const work = operations ?? bytes;
  const contenders = await test.contenders();
  try {
    const all: Sampled[] = [];
    let round = 0;
    for (const contender of contenders) {
      const first = await contender.run(1);
      const slow = first > budget;
      const once = slow ? first : await contender.run(1);
      const repeats = Math.max(1, Math.min(10_000, Math.round(sampleSeconds / Math.max(once, 1e-7))));
      if (!slow) round += Math.max(once, sampleSeconds) + 0.012;
      all.push({ contender, repeats, slow, seconds: [], shares: [] });
    }
    const rounds = Math.max(3, Math.min(most, Math.floor(budget / round)));
    await roof();
    let before = await roof();
    for (let i = 0; i < rounds; i++) {
      for (const sampled of all) {
        if (sampled.slow && i > 0) continue;
        const seconds = (await sampled.contender.run(sampled.repeats)) / sampled.repeats;
        const after = await roof();
        sampled.seconds.push(seconds);
        if (work !== undefined && before !== undefined && after !== undefined)
          sampled.shares.push(work / seconds / ((before + after) / 2));
        before = after;
      }
    }
    return {
      suite,
      family: test.family,
      label: test.label,
      threads: test.threads,
      ...(work === undefined ? {} : { unit: operations === undefined ? 'B/s' : 'FLOP/s' }),
      samples: rounds,
      results: all.map((sampled) =>
        resultFrom(sampled, sampled.contender.otherWork ? undefined : work, all[0]!, test.extra),
      ),
    };
  } finally {
    for (const contender of contenders) await contender.release();
  }
}

function resultFrom(
  { contender, seconds, shares }: Sampled,
  work: number | undefined,
  ours: Sampled,
  extra: Case['extra'],
): Result {
  return {
    contender: contender.name,
    seconds: summarize(seconds),
    ...(extra ? { extra: extra(summarize(seconds).median) } : {}),
    ...(work === undefined ? {} : { rate: summarize(seconds.map((value) => work / value)) }),
    ...(work === undefined || shares.length === 0 ? {} : { share: summarize(shares) }),
    ...(contender === ours.contender
      ? {}
      : { timesOurs: summarize(seconds.map((value, i) => value / ours.seconds[i]!)) }),
  };
}
