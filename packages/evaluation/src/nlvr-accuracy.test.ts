import { describe, expect, it } from 'vitest';
import { nlvr2Statement, nlvrAccuracy } from './nlvr-accuracy.js';

describe('nlvrAccuracy', () => {
  it('counts a statement as consistent if every pair of pictures is judged rightly', () => {
    const { accuracy, consistency, statements, perSample } = nlvrAccuracy([
      { id: 'test1-0-0-0', label: true, prediction: true },
      { id: 'test1-0-1-0', label: false, prediction: false },
      { id: 'test1-0-0-1', label: true, prediction: true }, // another sentence about the first pair
      { id: 'test1-0-1-1', label: true, prediction: null },
      { id: 'test1-7-0-0', label: false, prediction: true },
    ]);
    expect(perSample).toEqual([1, 1, 1, 0, 0]);
    expect(accuracy).toBeCloseTo(0.6, 14);
    expect(statements).toBe(3);
    expect(consistency).toBeCloseTo(1 / 3, 14);
  });

  it('groups by the statements that are given, as NLVR needs', () => {
    const samples = [
      { id: '13-0', label: true, prediction: true, statement: '13' },
      { id: '13-1', label: true, prediction: false, statement: '13' },
      { id: '14-0', label: true, prediction: true, statement: '14' },
    ];
    expect(nlvrAccuracy(samples).consistency).toBe(0.5);
  });

  it('reads NLVR2 identifiers', () => {
    expect(nlvr2Statement('dev-850-2-1')).toBe('dev-850-1');
    expect(nlvr2Statement('something')).toBe('something');
  });

  it('refuses bad input', () => {
    expect(() => nlvrAccuracy([])).toThrow('[nlvrAccuracy] got 0 samples;');
    const one = { id: 'a', label: true, prediction: true };
    expect(() => nlvrAccuracy([one, one])).toThrow('id "a" stands at samples[0] and samples[1];');
  });
});
