export { backward } from './autograd/backward.js';
export { needsGradient, noGrad, record } from './autograd/node.js';
export { recompute } from './autograd/recompute.js';
export { savedBytes } from './autograd/saved-bytes.js';
export type { LoadOptions } from './checkpoints/load-tensor.js';
export { readNpz } from './checkpoints/npz/read-npz.js';
export { openCheckpoint } from './checkpoints/open-checkpoint.js';
export {
  PickledName,
  PickledRecord,
  PickledTensor,
  type PickledValue,
} from './checkpoints/pytorch/pickled-value.js';
export { PyTorchFile, readPyTorch } from './checkpoints/pytorch/read-pytorch.js';
export { readSafetensors, SafetensorsFile } from './checkpoints/safetensors/read-safetensors.js';
export {
  type HostArray,
  type HostData,
  readSafetensorsArrays,
} from './checkpoints/safetensors/read-safetensors-arrays.js';
export {
  type WriteSafetensorsOptions,
  writeSafetensors,
} from './checkpoints/safetensors/write-safetensors.js';
export type { Deflated, StoredTensor, StoredType } from './checkpoints/stored-type.js';
export { TensorFile } from './checkpoints/tensor-file.js';
export type { TensorSource } from './checkpoints/tensor-source.js';
export { writeAtomically } from './checkpoints/write-atomically.js';
export { Capture, capture } from './core/capture.js';
export { device } from './core/device.js';
export { type DeviceFacts, devices } from './core/devices.js';
export { dryRun, isDryRun } from './core/dry-run.js';
export type { DType, DTypeArrays, TypedArray } from './core/dtype.js';
export { OcelliError, UseAfterFreeError } from './core/errors.js';
export { hostTensor, hostValue } from './core/host-value.js';
export type { KernelTime, MemoryStatistics } from './core/native.js';
export type { DeviceName, Precision } from './core/open-device.js';
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
export { type FbankOptions, type FbankWindow, fbank } from './ops/fbank.js';
export { type LayerNormOptions, layerNorm } from './ops/layer-norm.js';
export { type LinearActivation, type LinearOptions, linear } from './ops/linear.js';
export { linearCrossEntropy } from './ops/linear-cross-entropy.js';
export { matmul } from './ops/matmul.js';
export { kaldiFilters, type MelFilterOptions, slaneyFilters } from './ops/mel-filters.js';
export {
  PackedWeight,
  type PackedWeightOptions,
  type WeightRows,
  type WeightType,
  weightTypes,
} from './ops/packed-weight.js';
export { type Extent, type PatchifyOptions, patchify } from './ops/patchify.js';
export { mean, sum } from './ops/reduce.js';
export { reshape } from './ops/reshape.js';
export { type RmsNormOptions, rmsNorm } from './ops/rms-norm.js';
export { type RotaryOptions, rotary, rotaryFrequencies } from './ops/rotary.js';
export { logSoftmax, softmax } from './ops/softmax.js';
export { type TopK, topK } from './ops/top-k.js';
export { transpose } from './ops/transpose.js';
export { writeRows } from './ops/write-rows.js';
export { AdamW, type AdamWOptions, type ParameterGroup } from './optimizers/adamw.js';
export { clipGradientNorm } from './optimizers/clip-gradient-norm.js';
export { normal, uniform } from './random/init.js';
export { Random } from './random/random.js';
export { opTable } from './registry/index.js';
export { philox } from './registry/philox.js';
