import {
  bleu,
  bootstrapInterval,
  cider,
  evaluateCaptions,
  meteor,
  meteorSums,
  rougeL,
  tokenizeCaptionSamples,
} from '@ocelli/evaluation';
import { generateCaptions } from '../../packages/evaluation/test/generate-captions.js';
import { summarize } from '../harness/statistics.js';
import type { Suite } from '../harness/suite.js';

const family = 'score captions';
const images = 40_504; // the validation set of COCO 2014
const references = 5;
const label = `${images} images, ${references} captions each`;

function secondsOf<Result>(work: () => Result): [seconds: number, result: Result] {
  const start = performance.now();
  const result = work();
  return [(performance.now() - start) / 1000, result];
}

/** Scoring generated captions, all metrics and each alone. */
export const captions: Suite = {
  name: 'captions',
  about: 'scoring 40,504 images with 5 captions each: all metrics that need no Java, and what each takes',
  async run(bench) {
    if (!bench.wants(family, label)) return;
    const samples = generateCaptions(images, { references });
    const [all] = secondsOf(() => evaluateCaptions(samples));
    const add = (work: string, seconds: number) =>
      bench.add({
        family: work === family ? family : `${family}: ${work}`,
        label,
        threads: 1,
        samples: 1,
        results: [{ contender: 'ocelli', seconds: summarize([seconds]) }],
      });
    await add(family, all);
    if (bench.barsOnly) return;
    const [tokenizing, tokenized] = secondsOf(() => tokenizeCaptionSamples(samples));
    await add('tokens', tokenizing);
    await add('BLEU', secondsOf(() => bleu(tokenized))[0]);
    await add('ROUGE-L', secondsOf(() => rougeL(tokenized))[0]);
    await add('CIDEr', secondsOf(() => cider(tokenized))[0]);
    const [aligning, aligned] = secondsOf(() => meteor(tokenized));
    await add('METEOR', aligning);
    const few = { ...aligned, statistics: aligned.statistics.slice(0, 5000) };
    await add('interval of METEOR, 5,000 images', secondsOf(() => bootstrapInterval(meteorSums(few)))[0]);
  },
  bars: {
    'captions-seconds': (rows) => {
      const row = rows.find((own) => own.family === family);
      if (!row) return { missing: 'captions were not scored' };
      return { value: Number(row.results[0]!.seconds.median.toFixed(1)), note: row.label };
    },
  },
};
