import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MetricsLog, readMetricsLog } from './metrics-log.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocelli-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, from: number, to: number): void {
  const log = new MetricsLog(path, from - 1);
  for (let step = from; step <= to; step++) log.append({ step, loss: 1 / step });
  log.close();
}

describe('metrics log', () => {
  it('keeps values to the bit', () => {
    const path = join(folder, 'runs', 'one', 'metrics.jsonl');
    write(path, 1, 50);
    expect(readMetricsLog(path)).toEqual(
      Array.from({ length: 50 }, (_, i) => ({ step: i + 1, loss: 1 / (i + 1) })),
    );
  });

  it('is cut back to a step, and goes on as if never cut', () => {
    const whole = join(folder, 'whole.jsonl');
    const cut = join(folder, 'cut.jsonl');
    write(whole, 1, 20);
    write(cut, 1, 14);
    appendFileSync(cut, '{"step":15,"lo'); // killed in the middle of a line
    expect(readMetricsLog(cut)).toHaveLength(14);
    write(cut, 11, 20);
    expect(readFileSync(cut, 'utf8')).toBe(readFileSync(whole, 'utf8'));
  });

  it('starts anew for step 0', () => {
    const path = join(folder, 'log.jsonl');
    write(path, 1, 3);
    new MetricsLog(path, 0).close();
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('leaves a file alone that is something else', () => {
    const path = join(folder, 'notes.txt');
    writeFileSync(path, 'my notes\n');
    expect(() => new MetricsLog(path, 3)).toThrow('line 1 of');
    expect(() => new MetricsLog(path, 0)).toThrow(
      'is no record of a step: my notes; it is not a metrics log',
    );
    expect(readFileSync(path, 'utf8')).toBe('my notes\n');
    writeFileSync(path, 'one line');
    expect(() => new MetricsLog(path, 0)).toThrow('is no record of a step: one line');
    expect(readFileSync(path, 'utf8')).toBe('one line');
  });

  it('says when it is closed', () => {
    const log = new MetricsLog(join(folder, 'log.jsonl'), 0);
    log.close();
    expect(() => log.append({ step: 1 })).toThrow('is closed');
  });
});
