import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { device } from '@ocelli/ops';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ToyTask } from '../test/toy-task.js';
import { checkDisk } from './check-disk.js';
import { latestCheckpoint } from './checkpoint.js';
import { evaluateLoss } from './evaluate-loss.js';
import { readMetricsLog } from './metrics-log.js';
import { cosineSchedule } from './schedule.js';
import type { StepReport, TrainOptions } from './train-options.js';
import { train } from './trainer.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocelli-train-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const common = { steps: 12, batchSize: 4, learningRate: 0.05, seed: 3 };

/** Trains and returns the losses and the parameters. */
async function run<Batch>(
  options: TrainOptions<Batch>,
): Promise<{ losses: number[]; values: number[]; reports: StepReport[] }> {
  const reports: StepReport[] = [];
  await train({ ...options, onStep: (report) => void reports.push(report) });
  const values: number[] = [];
  for (const { tensor } of options.task.parameters.values()) values.push(...(await tensor.data()));
  return { losses: reports.map(({ loss }) => loss), values, reports };
}

describe('training', () => {
  it('lowers the loss and reports each step in order', async () => {
    const task = new ToyTask();
    const before = await evaluateLoss(task, 50);
    const { reports } = await run({
      ...common,
      task,
      steps: 60,
      learningRate: { weights: 0.05, biases: 0.01 },
      schedule: { weights: cosineSchedule({ steps: 60, warmupSteps: 6 }), biases: () => 1 },
      clipNorm: 1,
    });
    expect(reports.map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(reports[0]!.learningRate).toEqual({ weights: 0, biases: 0.01 });
    expect(reports[3]!.learningRate).toEqual({ weights: 0.025, biases: 0.01 });
    expect(reports[0]!.examples).toBe(4);
    expect(reports[12]!.examples).toBe(2); // the end of the first epoch
    expect(reports.every(({ gradientScale }) => gradientScale! > 0 && gradientScale! <= 1)).toBe(true);
    expect(await evaluateLoss(task, 7)).toBeLessThan(0.5 * before);
    expect(task.open).toBe(0);
  });

  it('gives the same result for the same seed only', async () => {
    const one = await run({ ...common, task: new ToyTask() });
    expect(await run({ ...common, task: new ToyTask() })).toMatchObject({
      losses: one.losses,
      values: one.values,
    });
    expect((await run({ ...common, task: new ToyTask(), seed: 4 })).losses).not.toEqual(one.losses);
  });

  it('leaves no memory behind', async () => {
    const task = new ToyTask();
    await device.synchronize();
    const { allocated } = device.memory();
    await train({ ...common, task, clipNorm: 1, gradientAccumulation: 2 });
    await device.synchronize();
    // Garbage of the tests before may go meanwhile.
    expect(device.memory().allocated).toBeLessThanOrEqual(allocated);
  });

  it('prepares the next step before the one before is reported', async () => {
    const task = new ToyTask();
    await train({ ...common, task, steps: 3, onStep: ({ step }) => void task.calls.push(`report ${step}`) });
    expect(task.calls).toEqual([
      'prepare 0',
      'loss',
      'prepare 1',
      'loss',
      'prepare 2',
      'report 1',
      'loss',
      'report 2',
      'report 3',
    ]);
  });

  it('accumulates batches to the gradient of one large batch', async () => {
    const options = { ...common, steps: 8, task: new ToyTask(48) };
    // The points do not move at random here: random streams are those of a batch.
    const still = (task: ToyTask) => {
      const prepare = task.prepare.bind(task);
      task.prepare = (indices, context) =>
        prepare(indices, { ...context, random: Object.assign(context.random, { normal: () => 0 }) });
      return task;
    };
    const one = await run({ ...options, task: still(new ToyTask(48)), batchSize: 12 });
    const three = await run({
      ...options,
      task: still(new ToyTask(48)),
      batchSize: 4,
      gradientAccumulation: 3,
    });
    for (const [i, loss] of one.losses.entries()) expect(three.losses[i]).toBeCloseTo(loss, 5);
    for (const [i, value] of one.values.entries()) expect(three.values[i]).toBeCloseTo(value, 4);
    expect(one.losses.length).toBe(8);
  });

  it('clips', async () => {
    const free = await run({ ...common, task: new ToyTask() });
    const loose = await run({ ...common, task: new ToyTask(), clipNorm: 1e9 });
    expect(loose.values).toEqual(free.values);
    expect(loose.reports.every(({ gradientScale }) => gradientScale === 1)).toBe(true);
    // AdamW takes no notice of a constant scale, but of one that its epsilon is large against.
    const tight = await run({ ...common, task: new ToyTask(), clipNorm: 1e-9 });
    expect(tight.reports.every(({ gradientScale }) => gradientScale! < 1e-7)).toBe(true);
    expect(tight.losses[0]).toBe(free.losses[0]);
    expect(Math.abs(tight.losses[1]! - free.losses[1]!)).toBeGreaterThan(1e-3);
  });

  it('names step, learning rate and checkpoint when the loss is no number', async () => {
    const task = new ToyTask(50, { nanAtStep: 7 });
    const options = { ...common, task, checkpointDirectory: folder, checkpointEvery: 3 };
    await expect(train(options)).rejects.toThrow(
      `[train] the loss is NaN at step 8, with learning rate 0.05 for "weights", 0.05 for "biases"; ` +
        `go back to ${join(folder, 'step-000006')} with a lower learning rate`,
    );
    expect(task.open).toBe(0);
    expect(readMetricsLog(join(folder, 'metrics.jsonl'))).toHaveLength(7);
  });

  it('passes on what a task throws, and frees its batches', async () => {
    const task = new ToyTask();
    const prepare = task.prepare.bind(task);
    task.prepare = (indices, context) =>
      context.step === 4 ? Promise.reject(new Error('no such image')) : prepare(indices, context);
    await expect(train({ ...common, task })).rejects.toThrow('no such image');
    expect(task.open).toBe(0);
  });

  it('measures on the parameters of exactly that step', async () => {
    const evaluated: number[][] = [];
    const task = new ToyTask();
    const evaluate = {
      every: 5,
      run: async () => {
        evaluated.push([...(await task.parameters.get('head.weight')!.tensor.data())]);
        return { loss: 1 };
      },
    };
    const log = join(folder, 'log.jsonl');
    await train({ ...common, task, evaluate, log });
    const five = await run({ ...common, task: new ToyTask(), steps: 5 });
    expect(evaluated).toHaveLength(2);
    expect(evaluated[0]).toEqual(five.values.slice(0, evaluated[0]!.length));
    expect(readMetricsLog(log).filter(({ evaluation }) => evaluation)).toEqual([
      { step: 5, evaluation: { loss: 1 } },
      { step: 10, evaluation: { loss: 1 } },
    ]);
  });

  it('tells of parameters that no gradient reaches', async () => {
    const task = new ToyTask();
    const idle = new ToyTask().parameters.get('head.weight')!;
    const parameters = new Map([...task.parameters, ['idle', idle]]);
    const warnings: string[] = [];
    await train({
      ...common,
      task: Object.assign(task, { parameters }),
      onWarning: (message) => warnings.push(message),
    });
    expect(warnings).toEqual(['no gradient reaches idle in the first step; they stay as they are']);
  });
});

describe('resuming', () => {
  const uninterrupted = { ...common, steps: 20, clipNorm: 1, gradientAccumulation: 2 };
  const options = { ...uninterrupted, checkpointEvery: 4 };
  const lossesIn = (directory: string) =>
    readMetricsLog(join(directory, 'metrics.jsonl')).map(({ loss }) => loss);

  it('after an abort gives the same losses and parameters to the bit', async () => {
    const whole = await run({ ...uninterrupted, task: new ToyTask() });
    const abort = new AbortController();
    const first = await train({
      ...options,
      task: new ToyTask(),
      checkpointDirectory: folder,
      signal: abort.signal,
      onStep: ({ step }) => (step === 6 ? abort.abort() : undefined),
    });
    expect(first).toMatchObject({ step: 7, aborted: true, checkpoint: join(folder, 'step-000007') });
    const task = new ToyTask();
    const second = await train({ ...options, task, checkpointDirectory: folder, resume: true });
    expect(second).toMatchObject({ step: 20, aborted: false, loss: whole.losses.at(-1) });
    expect(lossesIn(folder)).toEqual(whole.losses);
    const values: number[] = [];
    for (const { tensor } of task.parameters.values()) values.push(...(await tensor.data()));
    expect(values).toEqual(whole.values);
    expect(readdirSync(folder).sort()).toEqual(['metrics.jsonl', 'step-000016', 'step-000020']);
  });

  it('when all is done does nothing', async () => {
    await train({ ...options, task: new ToyTask(), checkpointDirectory: folder });
    const before = lossesIn(folder);
    const task = new ToyTask();
    expect(await train({ ...options, task, checkpointDirectory: folder, resume: true })).toMatchObject({
      step: 20,
      aborted: false,
      checkpoint: join(folder, 'step-000020'),
    });
    expect(lossesIn(folder)).toEqual(before);
    expect(task.calls).toEqual([]);
  });

  it('with nothing to resume from starts at the beginning', async () => {
    writeFileSync(join(folder, 'metrics.jsonl'), '{"step":1,"loss":0}\n{"st'); // killed before the first checkpoint
    await train({ ...options, task: new ToyTask(), checkpointDirectory: folder, resume: true });
    expect(lossesIn(folder)).toEqual((await run({ ...uninterrupted, task: new ToyTask() })).losses);
  });

  it('is never done by accident, nor with other data', async () => {
    await train({ ...options, task: new ToyTask(), checkpointDirectory: folder });
    const again = { ...options, steps: 30, checkpointDirectory: folder };
    const go = (change: object) => train({ ...again, task: new ToyTask(), resume: true, ...change });
    await expect(go({ resume: false })).rejects.toThrow(
      `${folder} has a checkpoint of step 20; set resume to go on from it`,
    );
    await expect(go({ seed: 8 })).rejects.toThrow('[order] saved with seed 3, but seed is now 8');
    await expect(go({ batchSize: 8 })).rejects.toThrow('saved with batchSize 4, but batchSize is now 8');
    await expect(go({ task: new ToyTask(51) })).rejects.toThrow('saved with length 50, but length is now 51');
    await expect(go({ gradientAccumulation: 1 })).rejects.toThrow(
      'was made with gradientAccumulation 2, now it is 1',
    );
    const task = new ToyTask();
    const weight = task.parameters.get('head.weight')!;
    await expect(
      go({ task: Object.assign(task, { parameters: new Map([['other', weight]]) }) }),
    ).rejects.toThrow('lacks other and has head.bias, head.weight, which is not trained now');
    expect(latestCheckpoint(folder)!.state.step).toBe(20);
  });
});

describe('options', () => {
  const wrong: [object, string][] = [
    [{ steps: 0 }, '[train] steps must be a whole number from 1, got 0'],
    [{ batchSize: 1.5 }, 'batchSize must be a whole number from 1, got 1.5'],
    [{ gradientAccumulation: 0 }, 'gradientAccumulation must be a whole number from 1, got 0'],
    [{ learningRate: -1 }, 'learningRate of "weights" must be a number from 0, got -1'],
    [{ learningRate: Number.NaN }, 'learningRate of "weights" must be a number from 0, got NaN'],
    [
      { learningRate: { weights: 1 } },
      `learningRate is given for "weights", but the task's groups are "weights", "biases"`,
    ],
    [
      { weightDecay: { weights: 0, biases: 0, prompt: 1 } },
      'weightDecay is given for "weights", "biases", "prompt"',
    ],
    [{ clipNorm: 0 }, 'clipNorm must be above 0, got 0; leave it out to never clip'],
    [{ seed: 0.5 }, 'seed must be a whole number, got 0.5'],
    [{ resume: true }, 'resume needs a checkpointDirectory'],
    [{ checkpointEvery: 5 }, 'checkpointEvery needs a checkpointDirectory'],
    [{ task: Object.assign(new ToyTask(), { parameters: new Map() }) }, 'no trainable parameters'],
    [
      { task: Object.assign(new ToyTask(), { lengths: undefined }), similarLengths: true },
      'similarLengths needs a task with lengths',
    ],
  ];
  it.each(wrong)('%s', async (options, message) => {
    await expect(train({ ...common, task: new ToyTask(), ...options })).rejects.toThrow(message);
  });

  it('are checked against the disk', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(
      train({ ...common, task: new ToyTask(), checkpointDirectory: join(file, 'run') }),
    ).rejects.toThrow(
      /checkpoints cannot be written to .*file\/run \(.*\); choose another checkpointDirectory/,
    );
    await expect(checkDisk(folder, 10e6, 20e6)).rejects.toThrow(
      `${folder} has 20.0 MB free, checkpoints need 31.0 MB (3 of 10.0 MB at a time); free some space`,
    );
    await checkDisk(join(folder, 'a', 'b'), 10e6, 32e6);
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual([]);
    expect(existsSync(file) && readFileSync(file).length).toBe(0);
  });
});
