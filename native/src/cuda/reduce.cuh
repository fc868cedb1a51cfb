#pragma once
// Threads that share a row: sums and maxima over them in an order that never changes, and how rows are cut into what a
// thread holds.
//
// A reduction is a butterfly of shuffles inside of each warp; a team of several warps passes their results through shared
// memory and repeats it. Every thread gets the result. With two buffers by turns one barrier a reduction is enough: a
// thread that comes back to a buffer has passed the barrier of the other, which nobody reaches before reading the first.
#include "cuda.cuh"
#include "stream.cuh"

namespace ocelli::cuda {

template <class T>
__device__ __forceinline__ T from_lane(T value, int distance) {
  return __shfl_xor_sync(kAllLanes, value, distance);
}
__device__ __forceinline__ float2 from_lane(float2 value, int distance) {
  return make_float2(__shfl_xor_sync(kAllLanes, value.x, distance), __shfl_xor_sync(kAllLanes, value.y, distance));
}

// What all lanes have, put together; `join` must give the same bits for (a, b) and (b, a).
template <int kLanes = 32, class T, class Join>
__device__ __forceinline__ T over_lanes(T value, const Join& join) {
#pragma unroll
  for (int distance = kLanes / 2; distance > 0; distance /= 2) value = join(value, from_lane(value, distance));
  return value;
}

struct Add {
  template <class T>
  __device__ __forceinline__ T operator()(T a, T b) const { return a + b; }
  __device__ __forceinline__ float2 operator()(float2 a, float2 b) const { return make_float2(a.x + b.x, a.y + b.y); }
};
// Skips NaN.
struct Greater {
  __device__ __forceinline__ float operator()(float a, float b) const { return fmaxf(a, b); }
};

// kThreads of a block, a warp or a multiple of it: as a warp, of which a block has four, or the whole block.
template <int kThreads>
class Team {
 public:
  static constexpr int kBlock = kThreads < 128 ? 128 : kThreads;  // threads of a launch
  static constexpr int kTeams = kBlock / kThreads;  // in a block
  static_assert(kThreads == 32 || kThreads == kBlock, "a warp or the block");

  const int thread = static_cast<int>(threadIdx.x) % kThreads;

  // Teams take the rows first(), first() + step(), ...
  __device__ int64_t first() const { return static_cast<int64_t>(blockIdx.x) * kTeams + threadIdx.x / kThreads; }
  __device__ int64_t step() const { return static_cast<int64_t>(gridDim.x) * kTeams; }

  __device__ void barrier() const {
    if constexpr (kThreads == 32) __syncwarp();
    else __syncthreads();
  }

  template <class T, class Join>
  __device__ __forceinline__ T join(T value, const Join& join) {
    value = over_lanes(value, join);
    if constexpr (kThreads > 32) {
      constexpr int kWarps = kThreads / 32;
      OCELLI_SHARED(partial, T[2][kWarps]);
      if (thread % 32 == 0) partial[turn_][thread / 32] = value;
      __syncthreads();
      value = over_lanes<kWarps>(partial[turn_][thread % kWarps], join);
      turn_ ^= 1;
    }
    return value;
  }
  template <class T>
  __device__ __forceinline__ T sum(T value) {
    return join(value, Add());
  }
  __device__ __forceinline__ float greatest(float value) { return join(value, Greater()); }

 private:
  int turn_ = 0;
};

// kVector floats that a thread reads at once: 16 bytes if rows are aligned to that.
template <int kVector>
struct Chunk {
  float at[kVector];
};

template <int kVector>
__device__ __forceinline__ Chunk<kVector> load_chunk(const float* from) {
  if constexpr (kVector == 4) {
    const float4 four = *reinterpret_cast<const float4*>(from);
    return {{four.x, four.y, four.z, four.w}};
  } else {
    return {{*from}};
  }
}

template <int kVector>
__device__ __forceinline__ void store_chunk(float* to, const Chunk<kVector>& chunk) {
  if constexpr (kVector == 4) *reinterpret_cast<float4*>(to) = make_float4(chunk.at[0], chunk.at[1], chunk.at[2], chunk.at[3]);
  else *to = chunk.at[0];
}

// How a team holds a row: kFloats in the registers of each thread, or none where rows are longer than that; they are read
// again then, from L2 for the most part.
template <int kTeamThreads, int kFloats, int kVectorWidth>
struct RowShape {
  static constexpr int kThreads = kTeamThreads, kVector = kVectorWidth, kChunks = kFloats / kVectorWidth;
  static constexpr bool kHeld = kChunks > 0;
  static constexpr int kArray = kHeld ? kChunks : 1;  // the length of a thread's array of chunks
  // Blocks that a multiprocessor must have room for: 64 registers a thread where rows are not held.
  static constexpr int kResident = kHeld ? 1 : 2;
  using TeamOf = Team<kTeamThreads>;
  using ChunkOf = Chunk<kVectorWidth>;

  // body(chunk, column) for each of the thread's chunks; the chunk's number is 0 for rows that are not held.
  template <class Body>
  static __device__ __forceinline__ void for_chunks(int thread, int64_t width, const Body& body) {
    if constexpr (kHeld) {
#pragma unroll
      for (int j = 0; j < kChunks; j++) {
        const int column = (j * kThreads + thread) * kVector;
        if (column < width) body(j, column);
      }
    } else {
#pragma unroll 2
      for (int64_t column = thread * kVector; column < width; column += kThreads * kVector) body(0, column);
    }
  }
};

inline bool aligned_to_16(const void* pointer) { return reinterpret_cast<uintptr_t>(pointer) % 16 == 0; }

// Whether rows of `width` floats at each of these (or null) can be read in 16 bytes.
template <class... Pointers>
bool can_read_vectors(int64_t width, Pointers... pointers) {
  return width % 4 == 0 && (aligned_to_16(pointers) && ...);
}

// Calls launch with the shape for rows of `width`.
template <class Launch>
void with_row_shape(int64_t width, bool vectors, const Launch& launch) {
  if (vectors) {
    if (width <= 256) return launch(RowShape<32, 8, 4>());
    if (width <= 1024) return launch(RowShape<32, 32, 4>());
    if (width <= 4096) return launch(RowShape<256, 16, 4>());
    if (width <= 8192) return launch(RowShape<512, 16, 4>());
    return launch(RowShape<512, 0, 4>());
  }
  // An address and a predicate for each number take the registers that more of them would need.
  if (width <= 256) return launch(RowShape<32, 8, 1>());
  if (width <= 4096) return launch(RowShape<256, 16, 1>());
  return launch(RowShape<512, 0, 1>());
}

constexpr int64_t kMostBlocks = 0x7fffffff;

// to[outer, inner] = scale * sum over middle of x[outer, middle, inner] * factor (or 1): reduce.cu.
void sum_columns(Stream& stream, const float* x, const float* factor, float* to, int64_t outer, int64_t middle, int64_t inner,
                 double scale);

}  // namespace ocelli::cuda
