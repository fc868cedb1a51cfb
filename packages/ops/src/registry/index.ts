import { linearOp, linearPackedOp, matmulOp } from './linear.js';
import type { OpEntry } from './types.js';

/** Every op, one row each. The tests, benchmarks and the support matrix walk over it. */
export const opTable: readonly OpEntry[] = [linearOp, linearPackedOp, matmulOp];
