import { device } from '@ocelli/ops';
import { summarize } from '../harness/statistics.js';
import type { Bench } from '../harness/suite.js';
import type { StepContext } from './context.js';
import { stepOperations } from './operations.js';
import { asContender } from './our-step.js';
import { formatProfile, profileWork } from './profile.js';
import { type StepShape, standardShape } from './settings.js';

const describe = ({ batch, tokens }: StepShape): string => `batch ${batch} x ${tokens} tokens`;
export const stepFamily = 'training step';
export const growthFamily = 'training step by size';
export const insideFamily = 'inside the training step';
export const oneThread = 'ocelli, 1 thread';
export const withCache = 'ocelli, cached features';
export const narrowWeights = 'ocelli, bfloat16 weights';
export const encoderLabel = `encoder in the step, ${describe(standardShape)}`;
export const cachedLabel = `features from the cache, ${describe(standardShape)}`;

/** Seconds that a case may take; a contender whose single step takes longer is measured once. */
const patience = 60;

/** The step beside PyTorch's, with the encoder in it and without; ours on one thread, too. */
export async function measureSteps(bench: Bench, context: StepContext, threads: number): Promise<void> {
  const operations = stepOperations(standardShape);
  await bench.measure({
    family: stepFamily,
    label: cachedLabel,
    threads,
    operations: operations.languageModel,
    samples: 3,
    seconds: patience,
    contenders: async () => [
      asContender('ocelli', context.step('cache', standardShape), threads),
      asContender(narrowWeights, context.step('cache', standardShape, 'bfloat16'), threads),
      ...(threads > 1 ? [asContender(oneThread, context.step('cache', standardShape), 1)] : []),
      ...(await context.peers('cache', standardShape, threads)),
    ],
  });
  await bench.measure({
    family: stepFamily,
    label: encoderLabel,
    threads,
    operations: operations.encoder + operations.languageModel,
    samples: 3,
    seconds: patience,
    contenders: async () => [
      asContender('ocelli', context.step('encode', standardShape), threads),
      asContender(narrowWeights, context.step('encode', standardShape, 'bfloat16'), threads),
      { ...asContender(withCache, context.step('cache', standardShape), threads), otherWork: true },
      ...(await context.peers('encode', standardShape, threads)),
    ],
  });
}

/** How the cost grows with batch and text; features from the cache. */
export async function measureGrowth(bench: Bench, context: StepContext, threads: number): Promise<void> {
  const batches = bench.full ? [1, 2, 4, 8, 16, 32, 64] : [1, 4];
  const lengths = bench.full ? [16, 32, 64, 128, 256, 512] : [128];
  const shapes = [
    ...batches.map((batch) => ({ batch, tokens: 32 })),
    ...lengths.map((tokens) => ({ batch: 4, tokens })),
  ];
  for (const shape of new Map(shapes.map((shape) => [describe(shape), shape])).values())
    await bench.measure({
      family: growthFamily,
      label: describe(shape),
      threads,
      operations: stepOperations(shape).languageModel,
      samples: 3,
      seconds: patience,
      contenders: async () => [
        asContender('ocelli', context.step('cache', shape), threads),
        ...(await context.peers('cache', shape, threads)),
      ],
    });
}

/** Time outside of kernels and allocations, once a step of fixed shape has run. */
export async function measureInside(bench: Bench, context: StepContext, threads: number): Promise<void> {
  for (const [label, source] of [
    [cachedLabel, 'cache'],
    [encoderLabel, 'encode'],
  ] as const) {
    if (!bench.wants(insideFamily, label)) continue;
    const steps = 2;
    const contender = asContender('ocelli', context.step(source, standardShape), threads);
    try {
      await contender.run(steps);
      const { systemAllocations } = device.memory();
      const profile = await profileWork(() => contender.run(steps));
      const seconds = profile.milliseconds / 1000 / steps;
      await bench.add({
        family: insideFamily,
        label,
        threads,
        samples: 1,
        results: [
          {
            contender: 'ocelli',
            seconds: summarize([seconds]),
            extra: {
              shareOutsideKernels: 1 - profile.kernelMilliseconds / profile.milliseconds,
              kernelCalls: profile.rows.reduce((sum, { calls }) => sum + calls, 0) / steps,
              systemAllocations: device.memory().systemAllocations - systemAllocations,
            },
          },
        ],
      });
    } finally {
      await contender.release();
    }
  }
}

/** Prints where the time goes, by kernel, on one thread and on all. */
export async function printProfiles(bench: Bench, context: StepContext): Promise<void> {
  for (const source of ['cache', 'encode'] as const) {
    const step = context.step(source, standardShape);
    try {
      await step.run();
      for (const threads of bench.threads) {
        device.threads = threads;
        const label = source === 'cache' ? cachedLabel : encoderLabel;
        bench.note(`\ntraining step, ${label}, ${threads} thread${threads === 1 ? '' : 's'}`);
        bench.note(formatProfile(await profileWork(() => step.run())));
      }
    } finally {
      step.dispose();
    }
  }
}
