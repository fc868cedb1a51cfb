import type { KernelWork } from './kernel-work.js';

/** How float32 operands enter the tensor cores: Precision of native/src/cuda/stream.cuh. */
export type Precision = 'float32' | 'tf32' | 'bfloat16';

/** What a GPU can do at most, as NVIDIA publishes it: dense, at its boost clock. */
export interface Gpu {
  readonly name: string;
  /** How CUDA's own name of it reads. */
  readonly matches: RegExp;
  readonly multiprocessors: number;
  /** FLOP/s of float32 without tensor cores, and of the tensor cores. */
  readonly float32: number;
  readonly tf32: number;
  readonly bfloat16: number;
  /** B/s. */
  readonly memory: number;
}

/** Data sheets of the A100, H100, H200 and L40S, and the architecture papers of GA102 and AD102. */
export const gpus: readonly Gpu[] = [
  {
    name: 'H100 SXM',
    matches: /H100 80GB HBM3/,
    multiprocessors: 132,
    float32: 66.9e12,
    tf32: 494.7e12,
    bfloat16: 989.4e12,
    memory: 3.35e12,
  },
  {
    name: 'H200',
    matches: /H200/,
    multiprocessors: 132,
    float32: 66.9e12,
    tf32: 494.7e12,
    bfloat16: 989.4e12,
    memory: 4.8e12,
  },
  {
    name: 'A100 SXM 80 GB',
    matches: /A100-SXM4-80GB/,
    multiprocessors: 108,
    float32: 19.5e12,
    tf32: 156e12,
    bfloat16: 312e12,
    memory: 2.039e12,
  },
  {
    name: 'L40S',
    matches: /L40S/,
    multiprocessors: 142,
    float32: 91.6e12,
    tf32: 183e12,
    bfloat16: 362e12,
    memory: 0.864e12,
  },
  {
    name: 'RTX 4090',
    matches: /RTX 4090/,
    multiprocessors: 128,
    float32: 82.6e12,
    tf32: 82.6e12,
    bfloat16: 165.2e12,
    memory: 1.008e12,
  },
  {
    name: 'RTX 3090',
    matches: /RTX 3090/,
    multiprocessors: 82,
    float32: 35.6e12,
    tf32: 35.6e12,
    bfloat16: 71e12,
    memory: 0.936e12,
  },
];

/** The least time of a call, and what sets it. */
export interface Bound {
  readonly seconds: number;
  readonly by: 'memory' | 'arithmetic';
}

/**
 * The roofline: no kernel that reads its operands from memory and makes these products can be faster. In float32 the tensor
 * cores make three products of tf32 for one, two where a weight has 16 bits or less.
 */
export function roofline(
  { operations, bytes, unit, weightBytes }: KernelWork,
  precision: Precision,
  gpu: Gpu,
): Bound {
  const products = precision !== 'float32' ? 1 : (weightBytes ?? 4) < 4 ? 2 : 3;
  const tensor = (precision === 'bfloat16' ? gpu.bfloat16 : gpu.tf32) / products;
  const peak = unit === 'numbers' ? gpu.float32 : Math.max(tensor, gpu.float32);
  const [moving, computing] = [bytes / gpu.memory, operations / peak];
  return moving >= computing ? { seconds: moving, by: 'memory' } : { seconds: computing, by: 'arithmetic' };
}
