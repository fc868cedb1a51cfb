// Layer normalization over the last axis (Ba et al. 2016): y = (x - mean) / sqrt(variance + epsilon) * weight + bias.
//
// layer_norm            tensors x[rows, width], weight?[width], bias?[width], y[rows, width], mean_rstd?[rows, 2]
//                       scalars rows, width, epsilon
// layer_norm_backward   tensors dy, x, weight?, mean_rstd, dx?, dweight?[width], dbias?[width]
//                       scalars rows, width
//   mean_rstd holds mean and 1 / sqrt(variance + epsilon) of each row. y may be x, dx may be dy.
#include "kernels.h"
#include "simd/fold.h"

namespace ocelli::OCELLI_ISA {

void layer_norm(const Call& call) {
  const float* x = call.tensor(0);
  const float* weight = call.tensor(1);
  const float* bias = call.tensor(2);
  float* y = call.tensor(3);
  float* mean_rstd = call.tensor(4);
  const int64_t rows = call.size(0), width = call.size(1);
  const double epsilon = call.scalars[2];

  parallel_blocks(call.pool, rows, rows_per_block(width), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const float* in = x + row * width;
      float* out = y + row * width;
      const float mean =
          static_cast<float>(sum_of(width, [&](int64_t i, int64_t count) OCELLI_HOT { return load_part(in + i, count); }) / width);
      const double squares = sum_of(width, [&](int64_t i, int64_t count) OCELLI_HOT {
        const Vector d = load_part(in + i, count, mean) - mean;
        return d * d;
      });
      const float rstd = static_cast<float>(1 / __builtin_sqrt(squares / width + epsilon));
      if (mean_rstd) {
        mean_rstd[row * 2] = mean;
        mean_rstd[row * 2 + 1] = rstd;
      }
      auto write = [&](auto scale, auto shift) OCELLI_HOT {
        for_each_vector(width, [&](int64_t i, int64_t count) OCELLI_HOT {
          const Vector normal = (load_part(in + i, count) - mean) * rstd;
          store_part(out + i, normal * scale(i, count) + shift(i, count), count);
        });
      };
      auto one = [](int64_t, int64_t) OCELLI_HOT { return splat(1); };
      auto zero = [](int64_t, int64_t) OCELLI_HOT { return Vector{}; };
      auto scale = [&](int64_t i, int64_t count) OCELLI_HOT { return load_part(weight + i, count); };
      auto shift = [&](int64_t i, int64_t count) OCELLI_HOT { return load_part(bias + i, count); };
      if (weight && bias) write(scale, shift);
      else if (weight) write(scale, zero);
      else if (bias) write(one, shift);
      else write(one, zero);
    }
  });
}

void layer_norm_backward(const Call& call) {
  const float* dy = call.tensor(0);
  const float* x = call.tensor(1);
  const float* weight = call.tensor(2);
  const float* mean_rstd = call.tensor(3);
  float* dx = call.tensor(4);
  float* dweight = call.tensor(5);
  float* dbias = call.tensor(6);
  const int64_t rows = call.size(0), width = call.size(1);
  const bool columns = dweight || dbias;

  // Column sums go through one partial row of 2 * width a block, then are added in the order of the blocks. At most 64
  // blocks, cut by shape alone.
  const int64_t smallest = rows_per_block(width);
  const int64_t block = columns && (rows + 63) / 64 > smallest ? (rows + 63) / 64 : smallest;
  const int64_t blocks = (rows + block - 1) / block;
  float* partials = columns ? thread_scratch(Scratch::row, blocks * 2 * width) : nullptr;

  parallel_blocks(call.pool, rows, block, [&](int64_t begin, int64_t end) {
    float* weight_sums = columns ? partials + begin / block * 2 * width : nullptr;
    float* bias_sums = columns ? weight_sums + width : nullptr;
    if (columns) memset(weight_sums, 0, 2 * width * sizeof(float));
    for (int64_t row = begin; row < end; row++) {
      const float* gradient = dy + row * width;
      const float* in = x + row * width;
      const float mean = mean_rstd[row * 2], rstd = mean_rstd[row * 2 + 1];
      Vector sum = {}, dot = {};
      for_each_vector(width, [&](int64_t i, int64_t count) OCELLI_HOT {
        const Vector d = load_part(gradient + i, count);
        const Vector normal = (load_part(in + i, count, mean) - mean) * rstd;
        const Vector g = weight ? d * load_part(weight + i, count) : d;
        sum += g;
        dot += g * normal;
        if (columns) {
          store_part(weight_sums + i, load_part(weight_sums + i, count) + d * normal, count);
          store_part(bias_sums + i, load_part(bias_sums + i, count) + d, count);
        }
      });
      if (!dx) continue;
      const float mean_g = sum_lanes(sum) / static_cast<float>(width);
      const float mean_dot = sum_lanes(dot) / static_cast<float>(width);
      float* out = dx + row * width;
      for_each_vector(width, [&](int64_t i, int64_t count) OCELLI_HOT {
        const Vector d = load_part(gradient + i, count);
        const Vector normal = (load_part(in + i, count) - mean) * rstd;
        const Vector g = weight ? d * load_part(weight + i, count) : d;
        store_part(out + i, (g - mean_g - normal * mean_dot) * rstd, count);
      });
    }
  });

  if (!columns) return;
  parallel_blocks(call.pool, width, rows_per_block(2 * blocks), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      float scale = 0, shift = 0;
      for (int64_t b = 0; b < blocks; b++) {
        scale += partials[b * 2 * width + i];
        shift += partials[b * 2 * width + width + i];
      }
      if (dweight) dweight[i] = scale;
      if (dbias) dbias[i] = shift;
    }
  });
}

}  // namespace ocelli::OCELLI_ISA
