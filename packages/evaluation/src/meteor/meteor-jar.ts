import { createInterface } from 'node:readline';
import { describe, EvaluationError } from '../evaluation-error.js';
import { type JarOptions, startJava } from '../java/start-java.js';
import { checkTokenizedSamples, type TokenizedSample } from '../tokenized-sample.js';
import { type MeteorResult, meteorResult } from './meteor.js';
import { METEOR_STATISTICS } from './meteor-statistics.js';

/** One line of the jar's protocol; its separator and line breaks cannot be part of a caption. */
function scoreLine({ hypothesis, references }: TokenizedSample): string {
  const text = (tokens: readonly string[]) => tokens.join(' ').replaceAll('|||', '').replace(/\s+/g, ' ');
  return `SCORE ||| ${[...references, hypothesis].map(text).join(' ||| ')}\n`;
}

function readStatistics(line: string): number[] {
  const counts = line.trim().split(/\s+/).map(Number);
  if (counts.length !== METEOR_STATISTICS || counts.some((count) => !Number.isFinite(count))) {
    throw new EvaluationError(
      'meteorFromJar',
      `the jar answered ${describe(line)}, not ${METEOR_STATISTICS} numbers`,
      'pass meteor-1.5.jar, with its data folder beside it',
    );
  }
  return counts;
}

/**
 * METEOR 1.5 by its authors' program, paraphrases included, called as the COCO caption evaluation calls it
 * (`-stdio -l en -norm`). The program aligns and counts; the score is worked out from its counts, by METEOR's formula.
 *
 * @param samples tokens, see {@link TokenizedSample}
 * @throws EvaluationError if there are no samples, the jar or Java is missing, or the program fails
 */
export async function meteorFromJar(
  samples: readonly TokenizedSample[],
  options: JarOptions,
): Promise<MeteorResult> {
  checkTokenizedSamples('meteorFromJar', samples);
  const { process, ended } = startJava('meteorFromJar', { memory: '2G', ...options }, [
    '-',
    '-',
    '-stdio',
    '-l',
    'en',
    '-norm',
  ]);
  const counts: number[][] = [];
  try {
    const lines = createInterface({ input: process.stdout });
    const asked = (async () => {
      for (const sample of samples) {
        if (process.stdin.destroyed) break;
        if (!process.stdin.write(scoreLine(sample))) {
          await Promise.race([new Promise((ready) => process.stdin.once('drain', ready)), ended]);
        }
      }
      process.stdin.end();
    })();
    asked.catch(() => {});
    for await (const line of lines) {
      if (line.trim() !== '') counts.push(readStatistics(line));
    }
    await Promise.all([asked, ended]);
  } finally {
    process.kill();
  }
  if (counts.length !== samples.length) {
    throw new EvaluationError(
      'meteorFromJar',
      `the jar answered ${counts.length} of ${samples.length} captions`,
      'pass meteor-1.5.jar, with its data folder beside it',
    );
  }
  return meteorResult('METEOR 1.5', counts);
}
