import type { Suite } from '../harness/suite.js';
import { stepBars } from './bars.js';
import { openStepContext } from './context.js';
import { measureMemory } from './measure-memory.js';
import { measureGrowth, measureInside, measureSteps, printProfiles } from './measure-time.js';

/** eP-ALM's training step with OPT-125M and ViT-B/16 beside PyTorch's: time, growth, memory, what is not kernels. */
export const step: Suite = {
  name: 'step',
  about: 'a training step of eP-ALM with OPT-125M and ViT-B/16, its growth and memory',
  async run(bench) {
    const context = await openStepContext(bench);
    const threads = Math.max(...bench.threads);
    try {
      if (bench.profile) return await printProfiles(bench, context);
      await measureSteps(bench, context, threads);
      await measureInside(bench, context, threads);
      await measureMemory(bench, context, threads);
      if (!bench.barsOnly) await measureGrowth(bench, context, threads);
    } finally {
      await context.close();
    }
  },
  bars: stepBars,
};
