import { describe, expect, it } from 'vitest';
import { parseOptions } from './parse-options.js';

const defaults = { steps: 10, feedForwardWidth: 64, set: 'demo' };

describe('parseOptions', () => {
  it('reads numbers and words, apart or with =', () => {
    expect(parseOptions(defaults, [])).toEqual(defaults);
    expect(parseOptions(defaults, ['--', '--steps', '3', '--feed-forward-width=8', '--set', 'all'])).toEqual({
      steps: 3,
      feedForwardWidth: 8,
      set: 'all',
    });
  });

  it.each([[['--stpes', '3']], [['--steps']], [['--steps', 'many']], [['--to-string', '1']]])(
    'refuses %j',
    (args) => {
      expect(() => parseOptions(defaults, args)).toThrow(
        /is no option; they are steps, feedForwardWidth, set/,
      );
    },
  );
});
