// binary, expand, scale_add, accumulate: the twins of src/cpu/elementwise.cpp's.
//
// Bound by bytes: 8 to 12 an element, in accesses of 16. Where b is repeated, a thread divides to find its place in b: two
// divisions of 32 bits, some 40 instructions for a group of elements that share it.
#include "elements.cuh"
#include "kernels.h"

namespace ocelli::cuda {

namespace {

struct Plus {
  __device__ float operator()(float a, float b) const { return a + b; }
};
struct Minus {
  __device__ float operator()(float a, float b) const { return a - b; }
};
struct Times {
  __device__ float operator()(float a, float b) const { return a * b; }
};
struct Over {
  __device__ float operator()(float a, float b) const { return a / b; }
};
struct Scaled {
  float scale;
  __device__ float operator()(float b) const { return b * scale; }
};
struct ScaledShifted {
  float alpha, gamma;
  __device__ float operator()(float a) const { return a * alpha + gamma; }
};
struct ScaledSum {
  float alpha, beta, gamma;
  __device__ float operator()(float a, float b) const { return a * alpha + b * beta + gamma; }
};

// y[outer, middle, inner] = function(a..., b), where b[outer, inner] is repeated along middle. kPack neighbours have the
// same row of b: all of one number if inner is 1, and neighbours in b otherwise.
template <int kPack, bool kStill, class Index, class Function, class... First>
__global__ void __launch_bounds__(256)
    map_repeated(Index packs, Index middle, Index inner, Function function, float* y, const float* b, const First*... a) {
  const Index stride = static_cast<Index>(gridDim.x) * blockDim.x;
  const Index run = (kStill ? middle : inner) / kPack;
  for (Index i = static_cast<Index>(blockIdx.x) * blockDim.x + threadIdx.x; i < packs; i += stride) {
    const Index row = i / run;
    Pack<float, kPack> other;
    if constexpr (kStill) {
      const float value = b[row];
#pragma unroll
      for (int e = 0; e < kPack; e++) other.at[e] = value;
    } else {
      other = reinterpret_cast<const Pack<float, kPack>*>(b)[row / middle * run + (i - row * run)];
    }
    const auto of_packs = [&](const Pack<First, kPack>&... from) {
      Pack<float, kPack> to;
#pragma unroll
      for (int e = 0; e < kPack; e++) to.at[e] = function(from.at[e]..., other.at[e]);
      return to;
    };
    reinterpret_cast<Pack<float, kPack>*>(y)[i] =
        of_packs(Pack<First, kPack>(reinterpret_cast<const Pack<First, kPack>*>(a)[i])...);
  }
}

template <int kPack, bool kStill, class Function, class... First>
void launch_repeated(const Call& call, const Function& function, float* y, const float* b, const First*... a) {
  const int64_t middle = call.size(1), inner = call.size(2), packs = call.size(0) * middle * inner / kPack;
  cudaStream_t stream = call.stream->handle();
  const unsigned blocks = blocks_for(packs, 256);
  // The loop's counter passes the end by a stride at most.
  if (packs < int64_t{1} << 31)
    OCELLI_LAUNCH((map_repeated<kPack, kStill, uint32_t, Function, First...>), blocks, 256, 0, stream, static_cast<uint32_t>(packs), static_cast<uint32_t>(middle), static_cast<uint32_t>(inner), function, y, b, a...);
  else
    OCELLI_LAUNCH((map_repeated<kPack, kStill, int64_t, Function, First...>), blocks, 256, 0, stream, packs, middle, inner, function, y, b, a...);
}

// The sizes are the call's first three scalars.
template <class Function, class... First>
void repeat_elements(const Call& call, const Function& function, float* y, const float* b, const First*... a) {
  const int64_t outer = call.size(0), middle = call.size(1), inner = call.size(2);
  if (outer * middle * inner <= 0) return;
  if (middle == 1) return map_elements(*call.stream, outer * inner, function, y, a..., b);
  const bool packed = (inner == 1 ? middle : inner) % 4 == 0 && is_aligned(y, 16) && (is_aligned(a, 16) && ...);
  if (inner == 1) {
    if (packed) launch_repeated<4, true>(call, function, y, b, a...);
    else launch_repeated<1, true>(call, function, y, b, a...);
  } else {
    if (packed && is_aligned(b, 16)) launch_repeated<4, false>(call, function, y, b, a...);
    else launch_repeated<1, false>(call, function, y, b, a...);
  }
}

}  // namespace

void binary(const Call& call) {
  const float *a = call.tensor(0), *b = call.tensor(1);
  float* y = call.tensor(2);
  switch (call.size(3)) {
    case 0: return repeat_elements(call, Plus{}, y, b, a);
    case 1: return repeat_elements(call, Minus{}, y, b, a);
    case 2: return repeat_elements(call, Times{}, y, b, a);
    case 3: return repeat_elements(call, Over{}, y, b, a);
  }
}

void expand(const Call& call) {
  repeat_elements(call, Scaled{call.real(3)}, call.tensor(1), static_cast<const float*>(call.tensor(0)));
}

void scale_add(const Call& call) {
  const float *a = call.tensor(0), *b = call.tensor(1);
  float* y = call.tensor(2);
  const float alpha = call.real(1), beta = call.real(2), gamma = call.real(3);
  if (b) map_elements(*call.stream, call.size(0), ScaledSum{alpha, beta, gamma}, y, a, b);
  else map_elements(*call.stream, call.size(0), ScaledShifted{alpha, gamma}, y, a);
}

void accumulate(const Call& call) {
  float* sum = call.tensor(0);
  const float* x = call.tensor(1);
  map_elements(*call.stream, call.size(0), Plus{}, sum, static_cast<const float*>(sum), x);
}

}  // namespace ocelli::cuda
