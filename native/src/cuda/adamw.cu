// adamw, sum_of_squares, clip_coefficient: the twins of src/cpu/adamw.cpp's.
//
// Bound by bytes: adamw moves 28 for a parameter, in accesses of 16; sum_of_squares reads 4. Its sums have an order that
// depends on the length alone: four squares in float32, everything else in double, partial sums of blocks one after another.
#include "elements.cuh"
#include "kernels.h"

namespace ocelli::cuda {

namespace {

struct AdamStep {
  float keep, step_size, root, epsilon, gain1, keep2, gain2;
};

template <bool kPacked>
__global__ void __launch_bounds__(256) step_parameters(int64_t count, AdamStep step, float* parameter, const float* gradient,
                                                       float* first, float* second, const float* gradient_scale) {
  const float scale = gradient_scale ? *gradient_scale : 1.f;
  const int64_t stride = 4 * static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t at = 4 * (static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x); at < count; at += stride) {
    const auto gradients = load_four<kPacked>(gradient, at, count);
    auto m = load_four<kPacked>(first, at, count), v = load_four<kPacked>(second, at, count);
    auto p = load_four<kPacked>(parameter, at, count);
#pragma unroll
    for (int e = 0; e < 4; e++) {
      const float g = gradients.at[e] * scale;
      m.at[e] += (g - m.at[e]) * step.gain1;
      v.at[e] = v.at[e] * step.keep2 + g * g * step.gain2;
      p.at[e] = p.at[e] * step.keep - step.step_size * m.at[e] / (sqrtf(v.at[e]) / step.root + step.epsilon);
    }
    store_four<kPacked>(first, at, count, m);
    store_four<kPacked>(second, at, count, v);
    store_four<kPacked>(parameter, at, count, p);
  }
}

constexpr int kSquareThreads = 256;

// The sum over the block's threads; only the first thread has it.
__device__ double sum_of_block(double value) {
  OCELLI_SHARED(of_warps, double[kSquareThreads / 32]);
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) value += __shfl_xor_sync(0xffffffffu, value, distance);
  if (threadIdx.x % 32 == 0) of_warps[threadIdx.x / 32] = value;
  __syncthreads();
  double sum = 0;
  for (int w = 0; w < kSquareThreads / 32; w++) sum += of_warps[w];
  return sum;
}

template <bool kPacked>
__global__ void __launch_bounds__(kSquareThreads) square_parts(int64_t count, const float* x, double* partials) {
  const int64_t stride = 4 * static_cast<int64_t>(gridDim.x) * blockDim.x;
  double sum = 0;
  for (int64_t at = 4 * (static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x); at < count; at += stride) {
    const auto four = load_four<kPacked>(x, at, count);
    sum += (four.at[0] * four.at[0] + four.at[1] * four.at[1]) + (four.at[2] * four.at[2] + four.at[3] * four.at[3]);
  }
  sum = sum_of_block(sum);
  if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

__global__ void __launch_bounds__(kSquareThreads) add_square_parts(int parts, const double* partials, float* total) {
  double sum = 0;
  for (int i = threadIdx.x; i < parts; i += kSquareThreads) sum += partials[i];
  sum = sum_of_block(sum);
  if (threadIdx.x == 0) *total = static_cast<float>(*total + sum);
}

__global__ void bound_norm(double maximum, const float* total, float* coefficient) {
  const double value = maximum / (sqrt(static_cast<double>(*total)) + 1e-6);
  *coefficient = static_cast<float>(value > 1 ? 1 : value);  // NaN stays NaN
}

}  // namespace

void adamw(const Call& call) {
  const double rate = call.scalars[1], beta1 = call.scalars[2], beta2 = call.scalars[3], number = call.scalars[6];
  AdamStep step;
  step.keep = static_cast<float>(1 - rate * call.scalars[5]);
  step.step_size = static_cast<float>(rate / (1 - std::pow(beta1, number)));
  step.root = static_cast<float>(std::sqrt(1 - std::pow(beta2, number)));
  step.epsilon = call.real(4);
  step.gain1 = static_cast<float>(1 - beta1);
  step.keep2 = static_cast<float>(beta2);
  step.gain2 = static_cast<float>(1 - beta2);
  const int64_t count = call.size(0);
  float *parameter = call.tensor(0), *first = call.tensor(2), *second = call.tensor(3);
  const float *gradient = call.tensor(1), *scale = call.tensor(4);
  if (count <= 0) return;
  const unsigned blocks = blocks_for((count + 3) / 4, 256);
  if (is_aligned(parameter, 16) && is_aligned(gradient, 16) && is_aligned(first, 16) && is_aligned(second, 16))
    OCELLI_LAUNCH(step_parameters<true>, blocks, 256, 0, call.stream->handle(), count, step, parameter, gradient, first, second, scale);
  else
    OCELLI_LAUNCH(step_parameters<false>, blocks, 256, 0, call.stream->handle(), count, step, parameter, gradient, first, second, scale);
}

void sum_of_squares(const Call& call) {
  const int64_t count = call.size(0);
  const float* x = call.tensor(0);
  if (count <= 0) return;
  // 32 elements of a thread at least, blocks for the largest device at most.
  const unsigned blocks = blocks_for((count + 31) / 32, kSquareThreads, 1024);
  double* partials = call.stream->workspace<double>(blocks);
  cudaStream_t stream = call.stream->handle();
  if (is_aligned(x, 16)) OCELLI_LAUNCH(square_parts<true>, blocks, kSquareThreads, 0, stream, count, x, partials);
  else OCELLI_LAUNCH(square_parts<false>, blocks, kSquareThreads, 0, stream, count, x, partials);
  OCELLI_LAUNCH(add_square_parts, 1, kSquareThreads, 0, stream, static_cast<int>(blocks), partials, call.tensor(1));
}

void clip_coefficient(const Call& call) {
  OCELLI_LAUNCH(bound_norm, 1, 1, 0, call.stream->handle(), call.scalars[0], call.tensor(0), call.tensor(1));
}

}  // namespace ocelli::cuda
