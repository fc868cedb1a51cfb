// adamw, sum_of_squares, clip_coefficient: the twins of src/cpu/adamw.cpp's.
//
// One launch serves all tensors of a call, each with blocks of its own. Bound by bytes: adamw moves 28 for a parameter, in
// accesses of 16; sum_of_squares reads 4. Its sums have an order that depends on the sizes alone: four squares in float32,
// everything else in double, partial sums of blocks one after another.
#include "elements.cuh"
#include "kernels.h"

namespace ocelli::cuda {

namespace {

constexpr int kPlaces = 12;  // tensors of a call
constexpr int kOptimizerThreads = 256;

// Which blocks of a launch work on which tensor: passed by value, so that a launch waits for no copy.
struct Shares {
  int64_t count[kPlaces];
  unsigned begin[kPlaces + 1];  // of each tensor's blocks
  bool packed[kPlaces];         // whether all that lies in this place is aligned to 16 bytes

  // Of tensors whose sizes are the scalars from `first` on, with a block for every `share` elements but `most` at most.
  Shares(const Call& call, int first, int share, int64_t most) {
    begin[0] = 0;
    for (int i = 0; i < kPlaces; i++) {
      count[i] = call.size(first + i);
      begin[i + 1] = begin[i] + (count[i] > 0 ? blocks_for(count[i], share, most) : 0);
    }
  }
  unsigned blocks() const { return begin[kPlaces]; }
};

// What a thread has of its block's tensor: `at` and so on by `stride`, four elements each, below `count`.
struct Share {
  int place;
  bool packed;
  int64_t at, stride, count;
};
__device__ __forceinline__ Share share_of_thread(const Shares& of) {
  int place = 0;
  while (blockIdx.x >= of.begin[place + 1]) place++;
  const int64_t block = blockIdx.x - of.begin[place], blocks = of.begin[place + 1] - of.begin[place];
  return {place, of.packed[place], 4 * (block * kOptimizerThreads + threadIdx.x), 4 * blocks * kOptimizerThreads,
          of.count[place]};
}

struct Parameters {
  Shares shares;
  float *parameter[kPlaces], *first[kPlaces], *second[kPlaces];
  const float* gradient[kPlaces];
};

// numbers: what a step changes of each parameter, [places][3].
struct AdamStep {
  const float *numbers, *gradient_scale;
  float epsilon, gain1, keep2, gain2;
};

template <bool kPacked>
__device__ __forceinline__ void step_fours(const Share& share, const AdamStep& step, float* parameter, const float* gradient,
                                           float* first, float* second) {
  const float scale = step.gradient_scale ? *step.gradient_scale : 1.f;
  const float* numbers = step.numbers + 3 * share.place;
  const float keep = numbers[0], step_size = numbers[1], root = numbers[2];
  for (int64_t at = share.at; at < share.count; at += share.stride) {
    const auto gradients = load_four<kPacked>(gradient, at, share.count);
    auto m = load_four<kPacked>(first, at, share.count), v = load_four<kPacked>(second, at, share.count);
    auto p = load_four<kPacked>(parameter, at, share.count);
#pragma unroll
    for (int e = 0; e < 4; e++) {
      const float g = gradients.at[e] * scale;
      m.at[e] += (g - m.at[e]) * step.gain1;
      v.at[e] = v.at[e] * step.keep2 + g * g * step.gain2;
      p.at[e] = p.at[e] * keep - step_size * m.at[e] / (sqrtf(v.at[e]) / root + step.epsilon);
    }
    store_four<kPacked>(first, at, share.count, m);
    store_four<kPacked>(second, at, share.count, v);
    store_four<kPacked>(parameter, at, share.count, p);
  }
}

__global__ void __launch_bounds__(kOptimizerThreads) step_parameters(const __grid_constant__ Parameters of,
                                                                     AdamStep step) {
  const Share share = share_of_thread(of.shares);
  float *parameter = of.parameter[share.place], *first = of.first[share.place], *second = of.second[share.place];
  const float* gradient = of.gradient[share.place];
  if (share.packed) step_fours<true>(share, step, parameter, gradient, first, second);
  else step_fours<false>(share, step, parameter, gradient, first, second);
}

// The sum over the block's threads; only the first thread has it.
__device__ double sum_of_block(double value) {
  OCELLI_SHARED(of_warps, double[kOptimizerThreads / 32]);
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) value += __shfl_xor_sync(0xffffffffu, value, distance);
  if (threadIdx.x % 32 == 0) of_warps[threadIdx.x / 32] = value;
  __syncthreads();
  double sum = 0;
  for (int w = 0; w < kOptimizerThreads / 32; w++) sum += of_warps[w];
  return sum;
}

struct Squared {
  Shares shares;
  const float* x[kPlaces];
};

template <bool kPacked>
__device__ __forceinline__ double sum_squares(const Share& share, const float* x) {
  double sum = 0;
  for (int64_t at = share.at; at < share.count; at += share.stride) {
    const auto four = load_four<kPacked>(x, at, share.count);
    sum += (four.at[0] * four.at[0] + four.at[1] * four.at[1]) + (four.at[2] * four.at[2] + four.at[3] * four.at[3]);
  }
  return sum;
}

__global__ void __launch_bounds__(kOptimizerThreads) square_parts(const __grid_constant__ Squared of, double* partials) {
  const Share share = share_of_thread(of.shares);
  const float* x = of.x[share.place];
  const double sum = sum_of_block(share.packed ? sum_squares<true>(share, x) : sum_squares<false>(share, x));
  if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

__global__ void __launch_bounds__(kOptimizerThreads) add_square_parts(int parts, const double* partials, float* total) {
  double sum = 0;
  for (int i = threadIdx.x; i < parts; i += kOptimizerThreads) sum += partials[i];
  sum = sum_of_block(sum);
  if (threadIdx.x == 0) *total = static_cast<float>(*total + sum);
}

__global__ void bound_norm(double maximum, const float* total, float* coefficient) {
  const double value = maximum / (sqrt(static_cast<double>(*total)) + 1e-6);
  *coefficient = static_cast<float>(value > 1 ? 1 : value);  // NaN stays NaN
}

}  // namespace

void adamw(const Call& call) {
  const double beta1 = call.scalars[1], beta2 = call.scalars[2];
  const AdamStep step = {call.tensor(0) + 3 * call.size(0), call.tensor(1), call.real(3), static_cast<float>(1 - beta1),
                         static_cast<float>(beta2), static_cast<float>(1 - beta2)};
  Parameters of = {Shares(call, 4, 4 * kOptimizerThreads, 65535), {}, {}, {}, {}};
  for (int i = 0; i < kPlaces; i++) {
    const int at = 2 + 4 * i;
    of.parameter[i] = call.tensor(at), of.gradient[i] = call.tensor(at + 1);
    of.first[i] = call.tensor(at + 2), of.second[i] = call.tensor(at + 3);
    of.shares.packed[i] = is_aligned(of.parameter[i], 16) && is_aligned(of.gradient[i], 16) && is_aligned(of.first[i], 16) &&
                          is_aligned(of.second[i], 16);
  }
  const unsigned blocks = of.shares.blocks();
  if (blocks == 0) return;
  OCELLI_LAUNCH(step_parameters, blocks, kOptimizerThreads, 0, call.stream->handle(), of, step);
}

void sum_of_squares(const Call& call) {
  // 32 elements of a thread at least, blocks for the largest device at most.
  Squared of = {Shares(call, 0, 32 * kOptimizerThreads, 1024), {}};
  for (int i = 0; i < kPlaces; i++) {
    of.x[i] = call.tensor(1 + i);
    of.shares.packed[i] = is_aligned(of.x[i], 16);
  }
  const unsigned blocks = of.shares.blocks();
  if (blocks == 0) return;
  double* partials = call.stream->workspace<double>(blocks);
  cudaStream_t stream = call.stream->handle();
  OCELLI_LAUNCH(square_parts, blocks, kOptimizerThreads, 0, stream, of, partials);
  OCELLI_LAUNCH(add_square_parts, 1, kOptimizerThreads, 0, stream, static_cast<int>(blocks), partials, call.tensor(0));
}

void clip_coefficient(const Call& call) {
  OCELLI_LAUNCH(bound_norm, 1, 1, 0, call.stream->handle(), call.scalars[0], call.tensor(0), call.tensor(1));
}

}  // namespace ocelli::cuda
