import type { Suite } from '../harness/suite.js';
import { attentionBars, measureAttention } from './attention.js';
import { gemmBars, measureGemm } from './gemm.js';
import { headBars, measureHead } from './head.js';
import { measureOpTable } from './op-table.js';

/** Single kernels beside the machine's peaks and beside the same ops of others. */
export const kernels: Suite = {
  name: 'kernels',
  about: 'GEMM, attention, LM head and loss, and every op of the op table',
  async run(bench) {
    await measureGemm(bench);
    await measureAttention(bench);
    await measureHead(bench);
    if (!bench.barsOnly) await measureOpTable(bench);
  },
  bars: { ...gemmBars, ...attentionBars, ...headBars },
};
