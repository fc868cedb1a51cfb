import { describe, expect, it } from 'vitest';
import { exampleSound, exampleVideo } from '../example-media.js';
import { reportMedia } from '../media/report-media.js';
import type { EvaluationReport } from './evaluation-data.js';
import { exampleEvaluation } from './example-evaluation.js';
import { axisEnd, intervalBar } from './interval-bar.js';
import { renderEvaluation } from './render-evaluation.js';

const media = await Promise.all([exampleVideo(), exampleSound()].map(reportMedia));
const withoutScript = (page: string) => page.replace(/<script>[\s\S]*<\/script>/, '');

describe('renderEvaluation', () => {
  const page = renderEvaluation(exampleEvaluation(media));

  it('has every part, linked at the top', () => {
    const links = [...page.matchAll(/<a href="#([\w-]+)">([^<]+)<\/a>/g)];
    expect(links.map(([, , title]) => title)).toEqual([
      'Scores',
      'By kind of question',
      'Captions',
      'Answers',
      'Training loss',
      'How it was made',
    ]);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of links) expect(ids).toContain(id);
  });

  it('writes and draws scores with their intervals', () => {
    expect(page).toMatch(/CIDEr<\/th><td class="number">1\.234<\/td>[\s\S]*?1\.100 to 2\.500<\/td>/);
    expect(page).toMatch(
      /exact match<\/th><td class="number">52\.1 %<\/td>\s*<td class="drawn"><span class="interval" aria-hidden="true"><i class="fill" style="width:52\.13%"><\/i><i class="range" style="left:48\.00%;right:calc\(100% - 56\.25%\)">/,
    );
    // 2.5 lies on an axis to 5, half of it.
    expect(page).toContain('style="left:22.00%;right:calc(100% - 50.00%)"');
    expect(page).toMatch(
      /VQA accuracy<\/th><td class="number">66\.0 %<\/td>[\s\S]*?<td class="bounds"><\/td>/,
    );
    expect(page).toContain('Agreement with the references in runs of up to four words');
  });

  it('shows groups with their counts, those beyond 15 folded', () => {
    expect(page).toContain('<bdi>type 14</bdi> <small>86</small></th><td class="number">70.0 %</td>');
    expect(page).toMatch(/<summary>5 more, with fewer questions each<\/summary><table[\s\S]*?<bdi>type 15</);
  });

  it('shows cases with questions, and says what cannot be shown', () => {
    expect(page).toContain('<h4 dir="auto">How many balls?</h4>');
    expect(page).toContain('Not shown: no such file');
    expect(page.match(/src="data:audio/g)).toHaveLength(1);
    expect(page.match(/data:image/g)).toHaveLength(2);
    expect(page).toMatch(/; \d+ KiB in one file</);
  });

  it('escapes every text, and keeps right-to-left text and emoji', () => {
    const attack = `"><script>alert(1)</script>'&`;
    const hostile = JSON.parse(
      JSON.stringify(exampleEvaluation(media, 'كرة حمراء 🎈'), (key, value: unknown) =>
        typeof value === 'string' && !['kind', 'unit', 'text', 'strip', 'sound', 'spectrogram'].includes(key)
          ? attack
          : value,
      ),
    ) as EvaluationReport;
    const escaped = renderEvaluation(hostile);
    expect(escaped.match(/<script/g)).toHaveLength(1);
    expect(escaped).toContain('<bdi>كرة حمراء 🎈</bdi>');
    expect(withoutScript(escaped)).not.toMatch(/alert\(1\)<\/script>/);
  });

  it('leaves out what there is no data for, and writes no broken numbers', () => {
    const example = exampleEvaluation(media);
    const empty = { ...example, scores: [], curves: [], cases: [], breakdowns: [], settings: [] };
    expect(renderEvaluation({ ...empty, environment: [] })).not.toContain('<section');
    const broken = {
      ...example,
      scores: [{ data: 'x', metric: 'CIDEr', value: Number.NaN, low: Number.NaN, high: Number.NaN }],
    };
    expect(withoutScript(renderEvaluation(broken))).not.toMatch(/NaN|undefined|Infinity/);
  });
});

it('chooses the end of an axis, and keeps bars on it', () => {
  const end = (value: number) => axisEnd([{ value }], {});
  expect([0, 0.3, 1, 1.2, 2, 4.9, 7, 30].map(end)).toEqual([1, 1, 1, 2, 2, 5, 10, 50]);
  expect(axisEnd([{ value: 3 }], { unit: 'percent' })).toBe(100);
  expect(intervalBar({ value: -1, low: -2, high: 300 }, 100)).toContain(
    'left:0.00%;right:calc(100% - 100.00%)',
  );
});
