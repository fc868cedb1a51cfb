// Root mean square normalization over the last axis (Zhang, Sennrich 2019, arXiv 1910.07467):
// y = x / sqrt(mean(x²) + epsilon) * weight.
//
// rms_norm            tensors x[rows, width], weight?[width], y[rows, width], rstd?[rows]
//                     scalars rows, width, epsilon
// rms_norm_backward   tensors dy, x, weight?, rstd, dx?, dweight?[width]
//                     scalars rows, width
//   rstd holds 1 / sqrt(mean(x²) + epsilon) of each row. y may be x, dx may be dy.
#include "kernels.h"
#include "simd/fold.h"

namespace ocelli::OCELLI_ISA {

void rms_norm(const Call& call) {
  const float* x = call.tensor(0);
  const float* weight = call.tensor(1);
  float* y = call.tensor(2);
  float* rstds = call.tensor(3);
  const int64_t rows = call.size(0), width = call.size(1);
  const double epsilon = call.scalars[2];

  parallel_blocks(call.pool, rows, rows_per_block(width), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const float* in = x + row * width;
      float* out = y + row * width;
      const double squares = sum_of(width, [&](int64_t i, int64_t count) OCELLI_HOT {
        const Vector v = load_part(in + i, count);
        return v * v;
      });
      const float rstd = static_cast<float>(1 / __builtin_sqrt(squares / width + epsilon));
      if (rstds) rstds[row] = rstd;
      for_each_vector(width, [&](int64_t i, int64_t count) OCELLI_HOT {
        const Vector normal = load_part(in + i, count) * rstd;
        store_part(out + i, weight ? normal * load_part(weight + i, count) : normal, count);
      });
    }
  });
}

void rms_norm_backward(const Call& call) {
  const float* dy = call.tensor(0);
  const float* x = call.tensor(1);
  const float* weight = call.tensor(2);
  const float* rstds = call.tensor(3);
  float* dx = call.tensor(4);
  float* dweight = call.tensor(5);
  const int64_t rows = call.size(0), width = call.size(1);

  // Column sums go through one partial row a block, then are added in the order of the blocks. At most 64 blocks, cut by
  // shape alone.
  const int64_t smallest = rows_per_block(width);
  const int64_t block = dweight && (rows + 63) / 64 > smallest ? (rows + 63) / 64 : smallest;
  const int64_t blocks = (rows + block - 1) / block;
  float* partials = dweight ? thread_scratch(Scratch::row, blocks * width) : nullptr;

  parallel_blocks(call.pool, rows, block, [&](int64_t begin, int64_t end) {
    float* sums = dweight ? partials + begin / block * width : nullptr;
    if (sums) memset(sums, 0, width * sizeof(float));
    for (int64_t row = begin; row < end; row++) {
      const float* gradient = dy + row * width;
      const float* in = x + row * width;
      const float rstd = rstds[row];
      Vector dot = {};
      for_each_vector(width, [&](int64_t i, int64_t count) OCELLI_HOT {
        const Vector d = load_part(gradient + i, count);
        const Vector normal = load_part(in + i, count) * rstd;
        dot += (weight ? d * load_part(weight + i, count) : d) * normal;
        if (sums) store_part(sums + i, load_part(sums + i, count) + d * normal, count);
      });
      if (!dx) continue;
      const float mean_dot = sum_lanes(dot) / static_cast<float>(width);
      float* out = dx + row * width;
      for_each_vector(width, [&](int64_t i, int64_t count) OCELLI_HOT {
        const Vector d = load_part(gradient + i, count);
        const Vector normal = load_part(in + i, count) * rstd;
        const Vector g = weight ? d * load_part(weight + i, count) : d;
        store_part(out + i, (g - normal * mean_dot) * rstd, count);
      });
    }
  });

  if (!dweight) return;
  parallel_blocks(call.pool, width, rows_per_block(blocks), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      float sum = 0;
      for (int64_t b = 0; b < blocks; b++) sum += partials[b * width + i];
      dweight[i] = sum;
    }
  });
}

}  // namespace ocelli::OCELLI_ISA
