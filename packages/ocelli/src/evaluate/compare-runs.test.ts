import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluateAnswers, evaluateCaptions } from '@ocelli/evaluation';
import { describe, expect, it } from 'vitest';
import { compareRuns, comparisonTable, readEarlier } from './compare-runs.js';
import type { ModelEvaluation } from './evaluate-model.js';

const labels = Array.from({ length: 60 }, (_, i) => `thing ${i} on a shelf ${i % 7}`);

/** A run of which the first `right` captions and answers are right. */
function run(right: number): ModelEvaluation {
  const captions = labels.map((label, i) => ({
    id: `${i}`,
    caption: i < right ? label : 'nothing at all',
    references: [label],
  }));
  const answers = labels.map((label, i) => ({
    id: `${i}#0`,
    sample: `${i}`,
    question: 'what is it?',
    answer: i < right ? label : 'no idea',
    answers: [label],
  }));
  return {
    metrics: [],
    captions: {
      ...evaluateCaptions(
        captions.map(({ id, caption, references }) => ({ id, references, hypothesis: caption })),
      ),
      texts: captions,
    },
    answers: {
      ...evaluateAnswers(
        answers.map(({ id, answer, answers: right }) => ({ id, answers: right, prediction: answer })),
      ),
      texts: answers,
    },
  };
}

function kept(evaluation: ModelEvaluation): string {
  const path = join(mkdtempSync(join(tmpdir(), 'ocelli-compare-')), 'scores.json');
  writeFileSync(path, JSON.stringify(evaluation));
  return path;
}

describe('comparing two runs', () => {
  it('finds the difference of the scores, its interval and how likely it is by chance', () => {
    const compared = compareRuns(run(40), readEarlier(kept(run(20))));
    expect(compared.map(({ metric }) => metric)).toEqual([
      'exact match',
      'CIDEr',
      'BLEU-4',
      'ROUGE-L',
      'METEOR',
      'VQA accuracy',
    ]);
    const answers = compared.at(-1)!;
    expect(answers.first).toBeCloseTo((100 * 40) / 60, 10);
    expect(answers.difference).toBeCloseTo((100 * 20) / 60, 10);
    // 20 of 60 samples differ, all one way.
    expect(answers.pValue).toBeLessThan(0.01);
    expect(answers.randomizationPValue).toBeLessThan(0.01);
    expect(answers.low).toBeGreaterThan(15);
    expect(answers.high).toBeLessThan(55);
    expect(comparisonTable(compared, 'scores.json')).toContain('+33.3');
  });

  it('finds nothing between a run and itself', () => {
    for (const { difference, pValue } of compareRuns(run(30), readEarlier(kept(run(30))))) {
      expect(difference).toBe(0);
      expect(pValue).toBe(1);
    }
  });

  it('says what does not fit', () => {
    const other = run(10);
    const fewer = {
      ...other,
      captions: null,
      answers: { ...other.answers!, texts: other.answers!.texts.slice(1) },
    };
    expect(() => compareRuns(run(10), readEarlier(kept(fewer)))).toThrow('60 and 59 questions');
    expect(() => compareRuns(run(10), { captions: null, answers: null })).toThrow('nothing in common');
    const path = join(mkdtempSync(join(tmpdir(), 'ocelli-compare-')), 'other.json');
    expect(() => readEarlier(path)).toThrow('give a file of --json');
    writeFileSync(path, '{"loss": 3}');
    expect(() => readEarlier(path)).toThrow('holds no evaluation');
  });
});
