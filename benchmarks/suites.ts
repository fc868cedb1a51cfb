import { captions } from './captions/index.js';
import { decoding } from './decode/index.js';
import type { Suite } from './harness/suite.js';
import { kernels } from './kernels/index.js';
import { loading } from './load/index.js';
import { step } from './step/index.js';

/** The parts of `npm run bench`, in the order in which they run. */
export const suites: readonly Suite[] = [kernels, step, decoding, loading, captions];
