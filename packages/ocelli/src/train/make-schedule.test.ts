import { expect, test } from 'vitest';
import { trainingSchema } from '../config/schema.js';
import { countSteps } from './make-schedule.js';

test.each([
  [{ steps: 7 }, 100, { steps: 7, stepsPerEpoch: 13 }],
  [{}, 100, { steps: 1000, stepsPerEpoch: 13 }],
  [{ epochs: 3 }, 100, { steps: 39, stepsPerEpoch: 13 }],
  // 13 batches an epoch: the third epoch's last is not alone in its step.
  [{ epochs: 3, gradientAccumulation: 2 }, 100, { steps: 20, stepsPerEpoch: 7 }],
  [{ epochs: 2 }, 3, { steps: 2, stepsPerEpoch: 1 }],
])('%j of %i examples', (settings, examples, expected) => {
  expect(countSteps(trainingSchema.parse({ batchSize: 8, ...settings }), examples)).toEqual(expected);
});
