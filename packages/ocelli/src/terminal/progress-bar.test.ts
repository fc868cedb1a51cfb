import { afterEach, describe, expect, it, vi } from 'vitest';
import { displayWidth, stripEscapes } from './display-width.js';
import { ProgressBar } from './progress-bar.js';
import { progressLine } from './progress-line.js';
import { RateMeter } from './rate-meter.js';

const HIDE = '\u001b[?25l';
const SHOW = '\u001b[?25h';

function recorder(isTTY: boolean, columns = 80) {
  const writes: string[] = [];
  return { isTTY, columns, writes, write: (text: string) => writes.push(text) };
}

let seconds = 0;
const clock = () => seconds;

afterEach(() => {
  seconds = 0;
});

describe('ProgressBar in a file or pipe', () => {
  it('writes plain lines at 0, 25, 50, 75 and 100 %', () => {
    const stream = recorder(false);
    const bar = new ProgressBar({ label: 'Training', total: 1000, stream, clock });
    for (let step = 1; step <= 1000; step++) {
      seconds = step / 50;
      bar.update(step, `loss ${(2 - step / 1000).toFixed(2)}`);
    }
    bar.finish();
    bar.finish();
    bar.update(3);
    expect(stream.writes).toEqual([
      'Training: 0 % (0/1000)\n',
      'Training: 25 % (250/1000), 50.0/s, 0:15 left, loss 1.75\n',
      'Training: 50 % (500/1000), 50.0/s, 0:10 left, loss 1.50\n',
      'Training: 75 % (750/1000), 50.0/s, 0:05 left, loss 1.25\n',
      'Training: 100 % (1000/1000), 50.0/s, in 0:20, loss 1.00\n',
    ]);
  });

  it('skips marks that were jumped over, and says where an unfinished task stopped', () => {
    const stream = recorder(false);
    const bar = new ProgressBar({ label: 'x', total: 10, stream, clock });
    seconds = 1;
    bar.update(6);
    bar.update(7);
    bar.finish('stopped');
    expect(stream.writes.map((line) => line.split(',')[0]!.trim())).toEqual([
      'x: 0 % (0/10)',
      'x: 60 % (6/10)',
      'x: 70 % (7/10)',
    ]);
    expect(stream.writes.at(-1)).toContain('stopped');
  });
});

describe('ProgressBar on a terminal', () => {
  const ability = { interactive: true, colour: 'none', unicode: true, columns: 80 } as const;

  it('redraws one line at most ten times a second, and the last state always', () => {
    const stream = recorder(true);
    const bar = new ProgressBar({ label: 'Training', total: 1000, stream, clock, ability });
    for (let step = 1; step <= 1000; step++) {
      seconds = step / 500;
      bar.update(step);
    }
    bar.finish();
    const lines = stream.writes.filter((text) => text.startsWith('\r'));
    expect(lines.length).toBeGreaterThan(15);
    expect(lines.length).toBeLessThanOrEqual(22);
    for (const line of lines) expect(displayWidth(line)).toBeLessThan(80);
    expect(stripEscapes(lines.at(-1)!)).toBe(
      `\rTraining  ${'━'.repeat(28)}  100 %  1000/1000  500/s  in 0:02`,
    );
    expect(stream.writes[0]).toBe(HIDE);
    expect(stream.writes.slice(-2)).toEqual(['\n', SHOW]);
  });

  it('leaves no listeners behind', () => {
    const before = process.listenerCount('SIGINT') + process.listenerCount('exit');
    {
      using _bar = new ProgressBar({ label: 'x', total: 1, stream: recorder(true), clock, ability });
      expect(process.listenerCount('SIGINT') + process.listenerCount('exit')).toBe(before + 2);
    }
    expect(process.listenerCount('SIGINT') + process.listenerCount('exit')).toBe(before);
  });

  it('gives the cursor back on Ctrl-C and lets the process end', () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const others = process.rawListeners('SIGINT') as NodeJS.SignalsListener[];
    process.removeAllListeners('SIGINT');
    const stream = recorder(true);
    new ProgressBar({ label: 'x', total: 2, stream, clock, ability });
    process.emit('SIGINT', 'SIGINT');
    expect(stream.writes.slice(-2)).toEqual(['\n', SHOW]);
    expect(kill.mock.calls).toEqual([[process.pid, 'SIGINT']]);
    expect(process.listenerCount('SIGINT')).toBe(0);
    for (const other of others) process.on('SIGINT', other);
    kill.mockRestore();
  });

  it('leaves the end of the process to whoever else listens', () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const listener = vi.fn();
    process.on('SIGINT', listener);
    const stream = recorder(true);
    const bar = new ProgressBar({ label: 'x', total: 2, stream, clock, ability });
    process.emit('SIGINT', 'SIGINT');
    bar.finish();
    expect(stream.writes.filter((text) => text === SHOW)).toHaveLength(1);
    expect([kill, listener].map(({ mock }) => mock.calls.length)).toEqual([0, 1]);
    process.off('SIGINT', listener);
    kill.mockRestore();
  });
});

describe('ProgressBar', () => {
  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a total of %d', (total) => {
    expect(() => new ProgressBar({ label: 'x', total, stream: recorder(false) })).toThrow(
      '[ProgressBar] total is',
    );
  });

  it('takes counts outside the range', () => {
    const stream = recorder(false);
    const bar = new ProgressBar({ label: 'x', total: 4, stream, clock });
    bar.update(-3);
    bar.update(9);
    bar.finish();
    expect(stream.writes.at(-1)).toContain('100 % (4/4)');
  });
});

describe('progressLine', () => {
  const state = {
    label: 'Training',
    done: 5,
    total: 1000,
    seconds: 4,
    perSecond: 1.25,
    note: 'loss 1.2',
    isFinished: false,
  };

  it('fits every width', () => {
    for (let columns = 1; columns < 130; columns++) {
      for (const unicode of [true, false]) {
        expect(displayWidth(progressLine(state, columns, unicode))).toBeLessThanOrEqual(
          Math.max(1, columns - 1),
        );
      }
    }
    expect(progressLine(state, 100, false)).toMatch(
      /^Training {2}\.{28} {4}0 % {5}5\/1000 {2}1\.3\/s {2}13:16 left {2}loss 1\.2$/,
    );
    expect(progressLine(state, 40, true)).not.toContain('loss');
    expect(progressLine(state, 20, true)).toBe('Training    0 %');
  });
});

describe('RateMeter', () => {
  it('forgets a slow start', () => {
    const rate = new RateMeter();
    expect(rate.perSecond()).toBeUndefined();
    rate.mark(0, 0);
    rate.mark(60, 1);
    for (let second = 61; second <= 100; second++) rate.mark(second, (second - 60) * 10);
    expect(rate.perSecond()).toBeCloseTo(10);
  });
});
