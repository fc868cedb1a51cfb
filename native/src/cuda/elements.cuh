#pragma once
// Functions of single elements, over whole tensors: bound by bytes, so they are moved 16 at a time where the tensors'
// addresses allow it.
#include "stream.cuh"

namespace ocelli::cuda {

// Neighbours that one thread moves with one instruction.
template <class T, int kCount>
struct alignas(kCount * sizeof(T)) Pack {
  T at[kCount];
};

inline bool is_aligned(const void* at, size_t bytes) { return reinterpret_cast<uintptr_t>(at) % bytes == 0; }

// Of the widest of the types, as many as fill 16 bytes.
template <class... T>
constexpr int pack_size() {
  size_t widest = 1;
  ((widest = sizeof(T) > widest ? sizeof(T) : widest), ...);
  return static_cast<int>(16 / widest);
}

// Of count elements the four from `at` on, a multiple of 4; zeros beyond the end. kPacked: x is aligned to 16 bytes.
template <bool kPacked>
__device__ __forceinline__ Pack<float, 4> load_four(const float* x, int64_t at, int64_t count) {
  Pack<float, 4> four = {};
  if (kPacked && at + 4 <= count) return reinterpret_cast<const Pack<float, 4>*>(x)[at / 4];
#pragma unroll
  for (int e = 0; e < 4; e++)
    if (at + e < count) four.at[e] = x[at + e];
  return four;
}
template <bool kPacked>
__device__ __forceinline__ void store_four(float* y, int64_t at, int64_t count, const Pack<float, 4>& four) {
  if (kPacked && at + 4 <= count) {
    reinterpret_cast<Pack<float, 4>*>(y)[at / 4] = four;
    return;
  }
#pragma unroll
  for (int e = 0; e < 4; e++)
    if (at + e < count) y[at + e] = four.at[e];
}

template <int kPack, class Function, class To, class... From>
__global__ void __launch_bounds__(256, 4) map_over(int64_t count, Function function, To* y, const From*... x) {
  const int64_t stride = static_cast<int64_t>(gridDim.x) * blockDim.x;
  const int64_t first = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  const int64_t packs = count / kPack;
  const auto of_packs = [&](const Pack<From, kPack>&... from) {
    Pack<To, kPack> to;
#pragma unroll
    for (int e = 0; e < kPack; e++) to.at[e] = function(from.at[e]...);
    return to;
  };
  for (int64_t i = first; i < packs; i += stride)
    reinterpret_cast<Pack<To, kPack>*>(y)[i] = of_packs(Pack<From, kPack>(reinterpret_cast<const Pack<From, kPack>*>(x)[i])...);
  for (int64_t i = packs * kPack + first; i < count; i += stride) y[i] = function(x[i]...);
}

// y[i] = function(x[i]...) for every i in [0, count); y may be one of x.
template <class Function, class To, class... From>
void map_elements(Stream& stream, int64_t count, const Function& function, To* y, const From*... x) {
  constexpr int kPack = pack_size<To, From...>();
  if (count <= 0) return;
  if (is_aligned(y, kPack * sizeof(To)) && (is_aligned(x, kPack * sizeof(From)) && ...))
    OCELLI_LAUNCH((map_over<kPack, Function, To, From...>), blocks_for((count + kPack - 1) / kPack, 256), 256, 0, stream.handle(), count, function, y, x...);
  else
    OCELLI_LAUNCH((map_over<1, Function, To, From...>), blocks_for(count, 256), 256, 0, stream.handle(), count, function, y, x...);
}

}  // namespace ocelli::cuda
