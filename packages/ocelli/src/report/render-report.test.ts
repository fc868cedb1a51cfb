import { createHash } from 'node:crypto';
import type { Video, Waveform } from '@ocelli/datasets';
import { describe, expect, it } from 'vitest';
import { exampleSound, exampleVideo } from './example-media.js';
import { exampleReport } from './example-report.js';
import { reportMedia } from './media/report-media.js';
import { renderReport } from './render-report.js';
import type { ReportData } from './report-data.js';

const VOID = new Set(['meta', 'link', 'br', 'img', 'hr', 'input']);

/** Checks that every element is closed in order; SVG's self-closed ones are skipped. */
function unclosed(html: string): string[] {
  const open: string[] = [];
  const body = html.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '');
  for (const [tag, slash, name, rest] of body.matchAll(/<(\/?)([a-z][a-z0-9]*)([^>]*)>/g)) {
    if (VOID.has(name!) || rest!.endsWith('/')) continue;
    if (slash === '') open.push(name!);
    else if (open.pop() !== name) throw new Error(`${tag} closes another element`);
  }
  return open;
}

describe('renderReport', () => {
  const html = renderReport(exampleReport());

  it('is one well-formed page', () => {
    expect(html.startsWith('<!doctype html>')).toBe(true);
    expect(unclosed(html)).toEqual([]);
    expect(html.match(/<h1>/g)).toHaveLength(1);
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of html.matchAll(/(?:aria-controls|aria-labelledby)="([^"]+)"/g))
      expect(ids).toContain(id);
    for (const [, id] of html.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(id);
  });

  it('needs no network: nothing is loaded, and the page forbids itself to', () => {
    expect(html).not.toMatch(/<link|<iframe|<img|\ssrc=|@import|url\((?!"data:image)/);
    expect(html).toContain("default-src 'none'; img-src data:");
    const script = /<script>([\s\S]*)<\/script>/.exec(html)![1]!;
    expect(html).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    expect(() => new Function(script)).not.toThrow();
  });

  it('escapes every text', () => {
    const attack = `<script>alert("1")</script>'&`;
    const hostile = JSON.parse(
      JSON.stringify(exampleReport(attack), (key, value: unknown) =>
        [
          'label',
          'description',
          'title',
          'subtitle',
          'question',
          'text',
          'artist',
          'value',
          'author',
          'licence',
          'generated',
        ].includes(key) && typeof value === 'string'
          ? attack
          : value,
      ),
    ) as ReportData;
    const page = renderReport(hostile);
    expect(page).not.toContain('<script>alert');
    expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;');
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(unclosed(page)).toEqual([]);
  });

  it('links only to the web', () => {
    const data = { ...exampleReport(), credits: [{ name: 'x', licence: 'MIT', url: 'javascript:alert(1)' }] };
    expect(renderReport(data)).not.toContain('javascript:');
    expect(html).toContain('<a href="https://example.org"');
  });

  it('marks the best of each column and no other', () => {
    const rows = [...html.matchAll(/<tr class="method-\d( own)?">[\s\S]*?<\/tr>/g)].map(([row]) => row);
    const own = rows.filter((row) => row.includes('eP-ALM') && row.includes('class="share"'));
    expect(own).toHaveLength(2);
    expect(own[0]!.match(/best: /g)).toHaveLength(3);
    expect(html.match(/best: /g)).toHaveLength(5);
    expect(own[0]).toContain('<strong>1.75 %</strong><small>105,000</small>');
  });

  it('leads with the best highlighted method, not with the best baseline', () => {
    const data = exampleReport();
    const strong = data.methods.map((method) =>
      method.name === 'magma' ? { ...method, scores: { 'unseen-artist': { exactMatch: 99 } } } : method,
    );
    const headline = /class="headline"[\s\S]*?<\/section>/.exec(
      renderReport({ ...data, methods: strong }),
    )![0];
    expect(headline).toContain('<strong>eP-ALM</strong>');
    expect(headline).toContain('52.1');
    expect(headline).toContain('1.75<span class="unit"> %</span>');
  });

  it('tells right from wrong by words and shapes too', () => {
    expect(html).toContain('<span aria-hidden="true">✓</span><span class="unseen">right</span>');
    expect(html).toContain('<span aria-hidden="true">✗</span><span class="unseen">wrong</span>');
  });

  it('holds each picture once, and enlarges small ones by pixels', () => {
    expect(html.match(/data:image\/png/g)).toHaveLength(2);
    expect(html.match(/image-rendering:pixelated/g)).toHaveLength(2);
    expect(html.match(/class="picture picture-0"/g)!.length).toBeGreaterThan(2);
  });

  it('refuses a picture that is not a data address', () => {
    const data = exampleReport();
    const of = (picture: string) => ({ ...data.samples[0]!, media: { kind: 'picture' as const, picture } });
    expect(() => renderReport({ ...data, samples: [of('https://example.org/cat.png')] })).toThrow(
      '[renderReport] a picture is "https://example.org/cat.png"; pass a data:image',
    );
    const closing = of('data:image/png;base64,AA")}</style>');
    expect(() => renderReport({ ...data, samples: [closing] })).toThrow(TypeError);
  });

  it('shows videos and recordings, and calls them so', async () => {
    const of = async (...content: (Video | Waveform)[]) =>
      renderReport(exampleReport('a ball', await Promise.all(content.map(reportMedia))));
    const videos = await of(exampleVideo(), exampleVideo(-1));
    const sounds = await of(exampleSound(), exampleSound(-1));
    for (const page of [videos, sounds]) {
      expect(unclosed(page)).toEqual([]);
      expect(page).not.toMatch(/pictures? beside|Pick a picture|without the picture/);
      expect(page).not.toMatch(/\ssrc=(?!"data:audio\/wav;base64,)/);
      expect(page).toContain('media-src data:');
    }
    expect(videos).toContain('Pick a video, then a question.');
    expect(videos.match(/data:image/g)).toHaveLength(2);
    expect(sounds).toContain('Held-out recordings beside');
    expect(sounds.match(/src="data:audio/g)).toHaveLength(2);
    expect(sounds.match(/<audio /g)).toHaveLength(4);
    expect(await of(exampleVideo(), exampleSound())).toContain('Pick a sample, then');
  });

  it('leaves out what there is no data for', () => {
    const empty: ReportData = {
      title: 'T',
      subtitle: '',
      generated: 'today',
      metrics: [],
      splits: [],
      methods: [],
      bounds: [],
      samples: [],
      questions: [],
      questionTypes: [],
      environment: [],
      settings: [],
      credits: [],
    };
    const page = renderReport(empty).replace(/<script>[\s\S]*<\/script>/, '');
    expect(unclosed(page)).toEqual([]);
    expect(page).not.toContain('<section');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('shows no broken numbers for diverged or unmeasured methods', () => {
    const data = exampleReport();
    const methods = data.methods.map((method, i) => ({
      ...method,
      curve: i === 0 ? [{ step: 1, loss: Number.NaN }] : [{ step: 0, loss: 0 }],
      scores: i === 0 ? {} : { 'unseen-artist': { exactMatch: Number.NaN, cider: 0 } },
      trainablePercent: 0,
    }));
    const page = renderReport({ ...data, methods, bounds: [] }).replace(/<script>[\s\S]*<\/script>/, '');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });
});
