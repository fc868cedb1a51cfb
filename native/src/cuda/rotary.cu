// rotary: the twin of src/cpu/rotary.cpp's.
//
// Bound by bytes: 8 an element. A block takes a row: its threads compute the row's cosines and sines once, in double as the
// CPU does, into shared memory, and turn the pairs of all heads with them, 16 bytes an access where heads allow it.
#include "elements.cuh"
#include "kernels.h"

namespace ocelli::cuda {

namespace {

constexpr int kAngles = 256;  // pairs whose angles are at hand at a time

struct RotaryShape {
  int64_t rows, size;
  int heads, pairs;
  float sign;
};

// kWide: floats of an access.
template <bool kInterleaved, int kWide>
__global__ void __launch_bounds__(128, 4)
    turn_pairs(RotaryShape shape, const float* x, const int32_t* positions, const float* frequencies, float* y) {
  using Floats = Pack<float, kWide>;
  constexpr int kTurned = !kInterleaved ? kWide : kWide > 1 ? kWide / 2 : 1;  // pairs of a thread
  OCELLI_SHARED(cosines, float[kAngles]);
  OCELLI_SHARED(sines, float[kAngles]);
  const int thread = threadIdx.x, threads = blockDim.x, pairs = shape.pairs;
  for (int64_t row = blockIdx.x; row < shape.rows; row += gridDim.x) {
    const int64_t start = row * shape.heads * shape.size;
    for (int first = 0; first < pairs; first += kAngles) {
      const int angles = pairs - first < kAngles ? pairs - first : kAngles;
      for (int i = thread; i < angles; i += threads) {
        const double angle = static_cast<float>(positions[row]) * frequencies[first + i];
        cosines[i] = static_cast<float>(cos(angle));
        sines[i] = shape.sign * static_cast<float>(sin(angle));
      }
      __syncthreads();
      const int groups = angles / kTurned;
      for (int item = thread; item < shape.heads * groups; item += threads) {
        const int head = item / groups, i = (item - head * groups) * kTurned;
        const int64_t head_start = start + head * shape.size;
        float a[kTurned], b[kTurned];
        if constexpr (kInterleaved && kWide > 1) {
          const int64_t at = head_start + 2 * (first + i);
          Floats both = *reinterpret_cast<const Floats*>(x + at);
#pragma unroll
          for (int e = 0; e < kTurned; e++) {
            a[e] = both.at[2 * e], b[e] = both.at[2 * e + 1];
            both.at[2 * e] = a[e] * cosines[i + e] - b[e] * sines[i + e];
            both.at[2 * e + 1] = b[e] * cosines[i + e] + a[e] * sines[i + e];
          }
          *reinterpret_cast<Floats*>(y + at) = both;
        } else {
          const int64_t at = head_start + (kInterleaved ? 2 * (first + i) : first + i);
          const int64_t partner = at + (kInterleaved ? 1 : pairs);
          Floats left = *reinterpret_cast<const Floats*>(x + at), right = *reinterpret_cast<const Floats*>(x + partner);
#pragma unroll
          for (int e = 0; e < kTurned; e++) {
            a[e] = left.at[e], b[e] = right.at[e];
            left.at[e] = a[e] * cosines[i + e] - b[e] * sines[i + e];
            right.at[e] = b[e] * cosines[i + e] + a[e] * sines[i + e];
          }
          *reinterpret_cast<Floats*>(y + at) = left;
          *reinterpret_cast<Floats*>(y + partner) = right;
        }
      }
      __syncthreads();
    }
    const int rest = static_cast<int>(shape.size) - 2 * pairs;
    if (x == y || rest == 0) continue;
    for (int item = thread; item < shape.heads * rest; item += threads) {
      const int head = item / rest;
      const int64_t at = start + head * shape.size + 2 * pairs + (item - head * rest);
      y[at] = x[at];
    }
  }
}

template <bool kInterleaved>
void turn(const Call& call) {
  const RotaryShape shape = {call.size(0), call.size(2), static_cast<int>(call.size(1)), static_cast<int>(call.size(3)), call.real(5)};
  const float *x = call.tensor(0), *frequencies = call.tensor(2);
  const int32_t* positions = call.tensor<int32_t>(1);
  float* y = call.tensor(3);
  if (shape.rows <= 0 || shape.heads <= 0 || shape.size <= 0) return;
  const bool wide = shape.pairs % (kInterleaved ? 2 : 4) == 0 && shape.size % 4 == 0 && is_aligned(x, 16) && is_aligned(y, 16);
  const unsigned blocks = blocks_for(shape.rows, 1);
  if (wide) OCELLI_LAUNCH((turn_pairs<kInterleaved, 4>), blocks, 128, 0, call.stream->handle(), shape, x, positions, frequencies, y);
  else OCELLI_LAUNCH((turn_pairs<kInterleaved, 1>), blocks, 128, 0, call.stream->handle(), shape, x, positions, frequencies, y);
}

}  // namespace

void rotary(const Call& call) {
  if (call.flag(4)) turn<true>(call);
  else turn<false>(call);
}

}  // namespace ocelli::cuda
