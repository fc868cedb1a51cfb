export { backward } from './autograd/backward.js';
export { needsGradient, noGrad, record } from './autograd/node.js';
export { recompute } from './autograd/recompute.js';
export { savedBytes } from './autograd/saved-bytes.js';
export { device } from './core/device.js';
export { dryRun } from './core/dry-run.js';
export type { DType, DTypeArrays, TypedArray } from './core/dtype.js';
export { OcelliError, UseAfterFreeError } from './core/errors.js';
export type { KernelTime, MemoryStatistics } from './core/native.js';
export { PeakMeter, type PeakMeterOptions } from './core/peak-meter.js';
export { keep, scope } from './core/scope.js';
export { formatShape, type Shape, sameShape, sizeOf } from './core/shape.js';
export { empty, full, Tensor, tensor, zeros } from './core/tensor.js';
export { exp, gelu, geluTanh, log, quickGelu, relu, sigmoid, silu, tanh } from './ops/activation.js';
export { add, divide, multiply, scale, subtract } from './ops/arithmetic.js';
export { arrangeRows } from './ops/arrange-rows.js';
export { type AttentionOptions, attention } from './ops/attention.js';
export { cast } from './ops/cast.js';
export { concat, slice } from './ops/concat.js';
export { type CrossEntropyOptions, crossEntropy } from './ops/cross-entropy.js';
export { dropout } from './ops/dropout.js';
export { embedding, gatherRows } from './ops/embedding.js';
export { type LayerNormOptions, layerNorm } from './ops/layer-norm.js';
export { type LinearActivation, type LinearOptions, linear } from './ops/linear.js';
export { linearCrossEntropy } from './ops/linear-cross-entropy.js';
export { matmul } from './ops/matmul.js';
export { PackedWeight, type PackedWeightOptions, type WeightType } from './ops/packed-weight.js';
export { patchify } from './ops/patchify.js';
export { mean, sum } from './ops/reduce.js';
export { reshape } from './ops/reshape.js';
export { type RotaryOptions, rotary, rotaryFrequencies } from './ops/rotary.js';
export { logSoftmax, softmax } from './ops/softmax.js';
export { transpose } from './ops/transpose.js';
export { AdamW, type AdamWOptions, type ParameterGroup } from './optimizers/adamw.js';
export { clipGradientNorm } from './optimizers/clip-gradient-norm.js';
export { normal, uniform } from './random/init.js';
export { Random } from './random/random.js';
export { opTable } from './registry/index.js';
export type { LoadOptions } from './safetensors/load-tensor.js';
export { openCheckpoint } from './safetensors/open-checkpoint.js';
export {
  type HostArray,
  type HostData,
  readSafetensorsArrays,
} from './safetensors/read-safetensors-arrays.js';
export { readSafetensors, SafetensorsFile, type TensorSource } from './safetensors/safetensors-file.js';
export type { StoredTensor, StoredType } from './safetensors/stored-type.js';
export { writeAtomically } from './safetensors/write-atomically.js';
export { type WriteSafetensorsOptions, writeSafetensors } from './safetensors/write-safetensors.js';
