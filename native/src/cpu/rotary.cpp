// Rotary position embedding (Su et al. 2021, arXiv 2104.09864): pairs of a head's numbers turn by position * frequency.
//
// rotary   tensors x[rows, heads * head_size], positions int32[rows], frequencies[pairs], y like x; y may be x
//          scalars rows, heads, head_size, pairs, interleaved, sign
//   A head's first 2 pairs numbers turn, the others stay. Pair i is (i, i + pairs), or (2 i, 2 i + 1) if interleaved. sign
//   is 1, or -1 for the way back, which is also the gradient's. The angle is a float32 product, as in PyTorch.
#include "kernels.h"
#include "simd/fold.h"

namespace ocelli::OCELLI_ISA {

void rotary(const Call& call) {
  const float* x = call.tensor(0);
  const int32_t* positions = call.tensor<int32_t>(1);
  const float* frequencies = call.tensor(2);
  float* y = call.tensor(3);
  const int64_t rows = call.size(0), heads = call.size(1), size = call.size(2), pairs = call.size(3);
  const bool interleaved = call.flag(4);
  const float sign = call.real(5);
  const int64_t step = interleaved ? 2 : 1, partner = interleaved ? 1 : pairs;
  parallel_blocks(call.pool, rows, rows_per_block(heads * size), [&](int64_t begin, int64_t end) {
    float* cosines = thread_scratch(Scratch::row, 2 * pairs);
    float* sines = cosines + pairs;
    for (int64_t row = begin; row < end; row++) {
      for (int64_t i = 0; i < pairs; i++) {
        const double angle = static_cast<float>(positions[row]) * frequencies[i];
        cosines[i] = static_cast<float>(__builtin_cos(angle));
        sines[i] = sign * static_cast<float>(__builtin_sin(angle));
      }
      for (int64_t head = 0; head < heads; head++) {
        const float* from = x + (row * heads + head) * size;
        float* to = y + (row * heads + head) * size;
        for (int64_t i = 0; i < pairs; i++) {
          const float a = from[i * step], b = from[i * step + partner];
          to[i * step] = a * cosines[i] - b * sines[i];
          to[i * step + partner] = b * cosines[i] + a * sines[i];
        }
        if (to != from)
          for (int64_t i = 2 * pairs; i < size; i++) to[i] = from[i];
      }
    }
  });
}

}  // namespace ocelli::OCELLI_ISA
