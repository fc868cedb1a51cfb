// The pages of the reports in a real browser, and the page of an evaluation from the command line.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdapter, saveAdapter } from '@ocelli/adapters';
import type { Media, Sample } from '@ocelli/datasets';
import { Random } from '@ocelli/ops';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluateModel } from '../src/evaluate/evaluate-model.js';
import { evaluationReport } from '../src/evaluate/report/evaluation-report.js';
import { locateBackbones } from '../src/pipelines/locate-backbones.js';
import { openBackbones } from '../src/pipelines/open-backbones.js';
import { openModel } from '../src/pipelines/open-model.js';
import { silentReporter } from '../src/progress/progress-reporter.js';
import { exampleEvaluation } from '../src/report/evaluation/example-evaluation.js';
import { exampleSound, exampleVideo } from '../src/report/example-media.js';
import { exampleReport } from '../src/report/example-report.js';
import { renderEvaluation, renderReport, reportMedia } from '../src/report/index.js';
import { chromePath, openBrowser, openPage } from './browser.js';
import { makeOwnPictures } from './own-pictures.js';
import { runCli } from './run-cli.js';
import { makeTinyBackbones } from './tiny-backbones.js';
import { makeTinyEncoder } from './tiny-encoders.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-pages-'));
const modalities = ['image', 'video', 'audio'] as const;
type Modality = (typeof modalities)[number];

/** Saves an adapter that was never trained, with the log of a training, by the name of what its encoder takes. */
async function saveFor(modality: Modality, encoder: string, languageModel: string): Promise<void> {
  const backbones = openBackbones(await locateBackbones({ encoder, languageModel }));
  const context = {
    languageModel: backbones.languageModel.config,
    encoder: backbones.encoder.config,
    random: new Random(1),
  };
  const adapter = createAdapter('limber', {}, context);
  const output = join(root, modality);
  await saveAdapter(join(output, 'adapter'), adapter, {
    encoder: { name: encoder, fingerprint: backbones.encoder.fingerprint },
    languageModel: { name: languageModel, fingerprint: backbones.languageModel.fingerprint },
  });
  writeFileSync(
    join(output, 'metrics.jsonl'),
    '{"step":1,"loss":3}\n{"step":2,"loss":2}\n{"step":2,"evaluation":{"loss":2.5}}\n',
  );
  adapter.dispose();
  backbones.dispose();
}

const hostile = '</style><script>document.title = "broken"</script> "quoted" עברית 🎈';

/** Four samples of a kind, with captions and questions. */
function samplesOf(modality: Modality): Sample[] {
  return [1, -1, 1, -1].map((direction, i): Sample => {
    const of = direction as 1 | -1;
    const frame = exampleVideo(of).frames[i]!;
    const media: Media = {
      image: { image: { kind: 'pixels', ...frame } },
      video: { video: { kind: 'frames', ...exampleVideo(of) } },
      audio: { audio: { kind: 'waveform', ...exampleSound(of) } },
    }[modality] as Media;
    const question = {
      question: 'which way?',
      answers: [hostile],
      type: `type ${i % 2}`,
      answerType: 'other',
    };
    return { id: `sample ${i}`, media, text: { captions: [hostile, 'a disc'], questions: [question] } };
  });
}

/** The page of an evaluation of a tiny model on samples of a kind. */
async function evaluationPage(modality: Modality): Promise<string> {
  using model = await openModel({ adapter: join(root, modality) });
  const samples = samplesOf(modality);
  const evaluation = await evaluateModel(model, samples, {
    reporter: silentReporter,
    maxNewTokens: 3,
    intervals: { resamples: 50 },
  });
  const report = await evaluationReport(evaluation, {
    model,
    adapter: join(root, modality),
    samples,
    data: hostile,
    shown: 3,
    settings: { Beams: 1 },
    reporter: silentReporter,
  });
  expect(report.scores.map(({ metric, unit }) => [metric.split(' ')[0], unit])).toEqual([
    ['exact', 'percent'],
    ['CIDEr', 'number'],
    ['BLEU-4', 'number'],
    ['ROUGE-L', 'number'],
    ['METEOR', 'number'],
    ['exact', 'percent'],
  ]);
  expect(report.curves).toEqual([
    {
      label: 'training',
      curve: [
        { step: 1, loss: 3 },
        { step: 2, loss: 2 },
      ],
    },
    { label: 'validation', curve: [{ step: 2, loss: 2.5 }] },
  ]);
  expect(report.breakdowns.map(({ rows }) => rows.map(({ name, count }) => [name, count]))).toEqual([
    [
      ['type 0', 2],
      ['type 1', 2],
    ],
    [['other', 4]],
  ]);
  for (const { lists } of report.cases) expect(lists[0]!.cases).toHaveLength(3);
  return renderEvaluation(report);
}

const pages = new Map<string, string>();
let languageModel: string;

beforeAll(async () => {
  const tiny = await makeTinyBackbones(root);
  languageModel = tiny.languageModel;
  await saveFor('image', tiny.encoder, languageModel);
  await saveFor('video', await makeTinyEncoder(root, 'video'), languageModel);
  await saveFor('audio', await makeTinyEncoder(root, 'audio'), languageModel);
  mkdirSync(join(root, 'pages'));
  const add = (name: string, html: string) => {
    const path = join(root, 'pages', `${name}.html`);
    writeFileSync(path, html);
    pages.set(name, path);
  };
  const [videos, sounds] = await Promise.all(
    [exampleVideo, exampleSound].map((make) => Promise.all([reportMedia(make(1)), reportMedia(make(-1))])),
  );
  add('demo of pictures', renderReport(exampleReport()));
  add('demo of videos', renderReport(exampleReport(hostile, videos)));
  add('demo of sound', renderReport(exampleReport(hostile, sounds)));
  add('mixed evaluation', renderEvaluation(exampleEvaluation([...videos!, ...sounds!], hostile)));
  for (const modality of modalities) add(`evaluation of ${modality}`, await evaluationPage(modality));
}, 300_000);

test('the page of an evaluation is written by the command, which refuses what cannot be', async () => {
  makeOwnPictures(join(root, 'pictures'));
  const run = (...more: string[]) =>
    runCli(['eval', '--adapter', 'image', '--data', 'pictures', '--max-new-tokens', '3', ...more], {
      cwd: root,
    });
  const written = await run('--report', 'new/report.html', '--report-samples', '2', '--json', 'scores.json');
  expect(written).toMatchObject({ code: 0 });
  expect(written.stdout).toMatch(/\nReport: .*new\/report\.html \([\d.]+ KiB\)\n$/);
  const page = readFileSync(join(root, 'new/report.html'), 'utf8');
  const { captions } = JSON.parse(readFileSync(join(root, 'scores.json'), 'utf8')) as {
    captions: { cider: number };
  };
  expect(page).toContain(`CIDEr</th><td class="number">${captions.cider.toFixed(3)}</td>`);
  expect(page).toContain('<p class="note">2 of 4, drawn.</p>');
  for (const [args, message] of [
    [['--report-samples', '2'], '--report-samples belongs to --report'],
    [['--report', 'pictures'], '--report pictures is a folder'],
    [['--report', 'x.html', '--json', 'x.html'], '--json and --report name the same file'],
  ] as const) {
    const refused = await run(...args);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(message);
  }
  expect(existsSync(join(root, 'x.html'))).toBe(false);
}, 300_000);

/** Everything about the media of a page that a reader would notice missing. */
const looked = `(async () => {
  const wait = (target, event) => new Promise((resolve, reject) => {
    target.addEventListener(event, resolve, { once: true });
    target.addEventListener('error', () => reject(new Error(event)), { once: true });
  });
  const pictures = [];
  for (const rule of document.styleSheets[0].cssRules) {
    const match = /^url\\("(.*)"\\)$/.exec(rule.style?.backgroundImage ?? '');
    if (!match || !match[1].startsWith('data:')) continue;
    const image = new Image();
    image.src = match[1];
    await image.decode();
    pictures.push([image.naturalWidth, image.naturalHeight]);
  }
  const sounds = [];
  for (const audio of document.querySelectorAll('audio')) {
    if (audio.readyState < 1) await wait(audio, 'loadedmetadata');
    sounds.push(audio.duration);
  }
  return {
    title: document.title,
    sections: [...document.querySelectorAll('main > section')].map((section) => section.id),
    links: [...document.querySelectorAll('nav a')].filter((link) => !document.querySelector(link.getAttribute('href'))).length,
    pictures, sounds,
    bare: [...document.querySelectorAll('.picture:not(.still), .whole, .strip > i')].filter((each) => getComputedStyle(each).backgroundImage === 'none').length,
    films: document.querySelectorAll('.film').length,
    overflow: document.documentElement.scrollWidth - innerWidth,
  };
})()`;

interface Looked {
  readonly title: string;
  readonly sections: string[];
  readonly links: number;
  readonly pictures: [number, number][];
  readonly sounds: number[];
  readonly bare: number;
  readonly films: number;
  readonly overflow: number;
}

describe.skipIf(!chromePath)('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(root, { recursive: true, force: true });
  });

  test('every page is whole, at 1200 and at 400 pixels, light and dark', async () => {
    for (const [name, path] of pages) {
      for (const [width, scheme] of [
        [1200, 'light'],
        [400, 'dark'],
      ] as const) {
        const features = [{ name: 'prefers-color-scheme', value: scheme }];
        const { page, faults } = await openPage(browser, path, { width, features });
        const seen = (await page.evaluate(looked)) as Looked;
        expect(faults, name).toEqual([]);
        expect(seen.overflow, `${name} at ${width}`).toBeLessThanOrEqual(0);
        expect(seen.title, name).toMatch(/^(Example report|Evaluation of .*)$/);
        expect(seen.sections, name).toContain('details');
        expect(seen.sections, name).toContain(name.startsWith('demo') ? 'results' : 'scores');
        expect(seen.sections, name).toContain('loss');
        expect([seen.links, seen.bare], name).toEqual([0, 0]);
        expect(seen.pictures.length, name).toBeGreaterThan(1);
        for (const [wide, high] of seen.pictures) expect(wide * high, name).toBeGreaterThan(0);
        const kinds = { film: /video|mixed/.test(name), sound: /sound|audio|mixed/.test(name) };
        expect(seen.films > 0, name).toBe(kinds.film);
        expect(seen.sounds.length > 0, name).toBe(kinds.sound);
        for (const seconds of seen.sounds) expect(seconds, name).toBeCloseTo(1.5, 2);
        await page.close();
      }
    }
  }, 300_000);

  test('a film plays when it is pressed, also by key, and stops', async () => {
    const features = [{ name: 'prefers-reduced-motion', value: 'reduce' }];
    const { page, faults } = await openPage(browser, pages.get('demo of videos')!, { features });
    const frames = `(async () => {
      const screen = document.querySelector('.film .screen > .picture');
      const places = new Set();
      for (const end = performance.now() + 4000; performance.now() < end && places.size < 3; )
        places.add(await new Promise((resolve) => requestAnimationFrame(() => resolve(getComputedStyle(screen).backgroundPositionX))));
      return places.size;
    })()`;
    const button = (await page.$('.film > button'))!;
    await button.hover();
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
    await button.click();
    expect(await page.evaluate(frames)).toBe(3);
    await button.focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
    await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'no-preference' }]);
    await page.mouse.move(0, 0);
    await button.hover();
    expect(await page.evaluate('document.getAnimations().length')).toBe(1);
    expect(faults).toEqual([]);
    await page.close();
  }, 120_000);

  test('a recording plays from both of its players', async () => {
    const { page, faults } = await openPage(browser, pages.get('demo of sound')!);
    const played = `(async () => {
      const players = [...document.querySelectorAll('audio')];
      const plays = async (audio) => {
        await audio.play();
        while (audio.currentTime === 0) await new Promise((resolve) => setTimeout(resolve, 20));
        return audio.readyState;
      };
      const first = await plays(players[0]);
      const again = await plays(players.find((audio) => audio.dataset.sound === players[0].id));
      return [first > 1, again > 1, players[0].paused];
    })()`;
    expect(await page.evaluate(played)).toEqual([true, true, true]);
    expect(faults).toEqual([]);
    await page.close();
  }, 120_000);

  test('tabs are chosen by click and by key', async () => {
    const { page } = await openPage(browser, pages.get('mixed evaluation')!);
    const shown = () =>
      page.evaluate(
        `[...document.querySelectorAll('#cases-0 [role=tabpanel]')].findIndex((panel) => !panel.hidden)`,
      );
    expect(await shown()).toBe(0);
    await page.click('#cases-0 [role=tab]:nth-child(2)');
    expect(await shown()).toBe(1);
    await page.keyboard.press('ArrowLeft');
    expect(await shown()).toBe(0);
    await page.close();
  }, 120_000);
});
