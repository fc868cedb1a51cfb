import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import puppeteer, { type Browser, type MediaFeature, type Page } from 'puppeteer-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** The browser that tests of pages open: `CHROME_PATH`, or a Chromium or Chrome on PATH. */
export const chromePath =
  process.env.CHROME_PATH ??
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
if (!chromePath)
  console.warn('tests of pages are skipped: no Chromium on PATH (apt install chromium, or set CHROME_PATH)');

/** Starts the browser without a window; the caller closes it. */
export function openBrowser(): Promise<Browser> {
  // No sandbox: it cannot be had in many containers, and the pages are our own.
  const args = ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--mute-audio'];
  // A mouse, which a machine without a screen does not have.
  args.push('--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4');
  return puppeteer.launch({ executablePath: chromePath!, args, protocolTimeout: 120_000, timeout: 120_000 });
}

/** A page that is open, and what it did that it should not. */
export interface OpenPage {
  readonly page: Page;
  /** Errors and warnings of its console and scripts, and addresses that it asked for but its own and `data:`. */
  readonly faults: readonly string[];
}

/** Opens a file in a window of so many pixels. */
export async function openPage(
  browser: Browser,
  path: string,
  { width = 1200, features = [] }: { width?: number; features?: MediaFeature[] } = {},
): Promise<OpenPage> {
  const page = await browser.newPage();
  const [faults, own] = [[] as string[], pathToFileURL(path).href];
  page.on('console', (message) => faults.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${String(error)}`));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith('data:') && url.split('#')[0] !== own) faults.push(`request: ${url.slice(0, 200)}`);
  });
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures(features);
  await page.goto(own, { waitUntil: 'load', timeout: 120_000 });
  return { page, faults };
}
