import { activationOps } from './activation.js';
import { arithmeticOps } from './arithmetic.js';
import { attentionOp } from './attention.js';
import { castOp } from './cast.js';
import { crossEntropyOp } from './cross-entropy.js';
import { dropoutOp } from './dropout.js';
import { embeddingOps, gatherRowsOp } from './embedding.js';
import { fbankOp } from './fbank.js';
import { layerNormOp } from './layer-norm.js';
import { layoutOps } from './layout.js';
import { linearOps, matmulOp } from './linear.js';
import { linearCrossEntropyOps } from './linear-cross-entropy.js';
import { reduceOps } from './reduce.js';
import { rmsNormOp } from './rms-norm.js';
import { rotaryOp } from './rotary.js';
import { softmaxOps } from './softmax.js';
import { topKOps } from './top-k.js';
import type { OpEntry } from './types.js';

/** Every op, one row each. The tests, benchmarks and the support matrix walk over it. */
export const opTable: readonly OpEntry[] = [
  ...linearOps,
  matmulOp,
  layerNormOp,
  rmsNormOp,
  ...activationOps,
  ...softmaxOps,
  ...topKOps,
  attentionOp,
  crossEntropyOp,
  ...linearCrossEntropyOps,
  ...embeddingOps,
  gatherRowsOp,
  rotaryOp,
  fbankOp,
  ...arithmeticOps,
  ...reduceOps,
  ...layoutOps,
  dropoutOp,
  castOp,
];
