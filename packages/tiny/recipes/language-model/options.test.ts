import { describe, expect, it } from 'vitest';
import { defaultOptions, parseOptions } from './options.js';

describe('parseOptions', () => {
  it('reads numbers', () => {
    expect(parseOptions([])).toEqual(defaultOptions);
    expect(parseOptions(['--steps', '30', '--feed-forward-width=64'])).toEqual({
      ...defaultOptions,
      steps: 30,
      feedForwardWidth: 64,
    });
  });

  it.each([[['--stpes', '3']], [['--steps']], [['--steps', 'many']]])('refuses %j', (args) => {
    expect(() => parseOptions(args)).toThrow(/is no option; they are seed, layers/);
  });
});
