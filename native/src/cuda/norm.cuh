#pragma once
// What layer_norm.cu and rms_norm.cu share; kCentered is the first.
//
// A team of threads takes a row, held in registers up to 8192 floats: one warp up to 1024, else a block. Bound by memory:
// each number is read and written once, with 16 bytes a thread and access, which fills the bus from some 32 KiB in flight
// on every multiprocessor: four or more warps with 24 floats in flight a thread at a width of 768.
//
// Variances are about the mean in two passes over the registers, and the first mean's own rounding is taken out (Chan,
// Golub, LeVeque 1983, the corrected two-pass algorithm): rows with a mean of thousands lose nothing.
#include "reduce.cuh"

namespace ocelli::cuda {

// statistics: [rows, 2] mean and 1 / deviation if centered, else [rows]; may be null.
template <class Shape, bool kCentered>
__global__ void __launch_bounds__(Shape::TeamOf::kBlock, Shape::kResident)
    normalize_rows(int64_t rows, int64_t width, float epsilon, const float* x, const float* weight, const float* bias, float* y,
                   float* statistics) {
  typename Shape::TeamOf team;
  for (int64_t row = team.first(); row < rows; row += team.step()) {
    const float* in = x + row * width;
    float* out = y + row * width;
    typename Shape::ChunkOf held[Shape::kArray] = {};
    const auto chunk_of = [&](int j, int64_t column) {
      if constexpr (Shape::kHeld) return held[j];
      else return load_chunk<Shape::kVector>(in + column);
    };
    if constexpr (Shape::kHeld)
      Shape::for_chunks(team.thread, width, [&](int j, int64_t column) { held[j] = load_chunk<Shape::kVector>(in + column); });

    float mean = 0;
    if constexpr (kCentered) {
      float sum = 0;
      Shape::for_chunks(team.thread, width, [&](int j, int64_t column) {
        const auto values = chunk_of(j, column);
        for (const float value : values.at) sum += value;
      });
      mean = team.sum(sum) / static_cast<float>(width);
    }
    float2 sums = make_float2(0, 0);  // of the differences, which is what rounding left in the mean, and of their squares
    Shape::for_chunks(team.thread, width, [&](int j, int64_t column) {
      const auto values = chunk_of(j, column);
      for (const float value : values.at) {
        const float difference = value - mean;
        if constexpr (kCentered) sums.x += difference;
        sums.y += difference * difference;
      }
    });
    float rest = 0, squares;
    if constexpr (kCentered) {
      sums = team.sum(sums);
      rest = sums.x / static_cast<float>(width);
      squares = sums.y - sums.x * rest;
    } else {
      squares = team.sum(sums.y);
    }
    const float scale = 1 / sqrtf(squares / static_cast<float>(width) + epsilon);
    if (statistics && team.thread == 0) {
      if constexpr (kCentered) statistics[row * 2] = mean + rest;
      statistics[kCentered ? row * 2 + 1 : row] = scale;
    }
    Shape::for_chunks(team.thread, width, [&](int j, int64_t column) {
      auto values = chunk_of(j, column);
      for (float& value : values.at) value = (kCentered ? value - mean - rest : value) * scale;
      if (weight) {
        const auto factors = load_chunk<Shape::kVector>(weight + column);
        for (int i = 0; i < Shape::kVector; i++) values.at[i] *= factors.at[i];
      }
      if (kCentered && bias) {
        const auto shifts = load_chunk<Shape::kVector>(bias + column);
        for (int i = 0; i < Shape::kVector; i++) values.at[i] += shifts.at[i];
      }
      store_chunk<Shape::kVector>(out + column, values);
    });
  }
}

// dx, and with kColumns the sums over each block's rows for dweight and dbias: to_weight[blocks, width] and, if not null,
// to_bias[blocks, width]. Block b has the rows [b * rows_of_block, ...).
template <class Shape, bool kCentered, bool kColumns>
__global__ void __launch_bounds__(Shape::TeamOf::kBlock, kColumns ? 1 : Shape::kResident)
    normalize_rows_backward(int64_t rows, int64_t width, int64_t rows_of_block, const float* dy, const float* x,
                            const float* weight, const float* statistics, float* dx, float* to_weight, float* to_bias) {
  typename Shape::TeamOf team;
  constexpr int kVector = Shape::kVector, kTeams = Shape::TeamOf::kTeams;
  using Chunk = typename Shape::ChunkOf;
  const int64_t begin = blockIdx.x * rows_of_block, end = min(rows, begin + rows_of_block);
  // Sums over rows: in registers, or where rows are too long for that in the block's row of the results.
  constexpr int kSums = kColumns ? Shape::kArray : 1;
  Chunk weight_sums[kSums] = {}, bias_sums[kSums] = {};
  if constexpr (kColumns && !Shape::kHeld) {
    Shape::for_chunks(team.thread, width, [&](int, int64_t column) {
      store_chunk<kVector>(to_weight + blockIdx.x * width + column, Chunk{});
      if (to_bias) store_chunk<kVector>(to_bias + blockIdx.x * width + column, Chunk{});
    });
  }

  for (int64_t row = begin + threadIdx.x / Shape::kThreads; row < end; row += kTeams) {
    const float* gradient = dy + row * width;
    const float* in = x + row * width;
    const float mean = kCentered ? statistics[row * 2] : 0;
    const float scale = statistics[kCentered ? row * 2 + 1 : row];
    Chunk gradients[Shape::kArray] = {}, normals[Shape::kArray] = {};  // dy * weight and (x - mean) * scale
    const auto load = [&](int64_t column, Chunk& g, Chunk& normal) {
      g = load_chunk<kVector>(gradient + column);
      normal = load_chunk<kVector>(in + column);
      for (float& value : normal.at) value = (value - mean) * scale;
    };
    const auto multiply = [&](int64_t column, Chunk& g) {
      if (!weight) return;
      const Chunk factors = load_chunk<kVector>(weight + column);
      for (int i = 0; i < kVector; i++) g.at[i] *= factors.at[i];
    };

    float2 sums = make_float2(0, 0);
    Shape::for_chunks(team.thread, width, [&](int j, int64_t column) {
      Chunk g, normal;
      load(column, g, normal);
      if constexpr (kColumns && Shape::kHeld) {
        for (int i = 0; i < kVector; i++) {
          weight_sums[j].at[i] += g.at[i] * normal.at[i];
          if constexpr (kCentered) bias_sums[j].at[i] += g.at[i];
        }
      } else if constexpr (kColumns) {
        const auto add = [&](float* to, const Chunk& other, bool times) {
          Chunk old = load_chunk<kVector>(to);
          for (int i = 0; i < kVector; i++) old.at[i] += times ? other.at[i] * normal.at[i] : other.at[i];
          store_chunk<kVector>(to, old);
        };
        add(to_weight + blockIdx.x * width + column, g, true);
        if (to_bias) add(to_bias + blockIdx.x * width + column, g, false);
      }
      multiply(column, g);
      for (int i = 0; i < kVector; i++) {
        if constexpr (kCentered) sums.x += g.at[i];
        sums.y += g.at[i] * normal.at[i];
      }
      gradients[j] = g;
      normals[j] = normal;
    });
    if (!dx) continue;
    if constexpr (kCentered) sums = team.sum(sums);
    else sums.y = team.sum(sums.y);
    const float mean_gradient = sums.x / static_cast<float>(width), mean_product = sums.y / static_cast<float>(width);
    Shape::for_chunks(team.thread, width, [&](int j, int64_t column) {
      Chunk g = gradients[j], normal = normals[j];
      if constexpr (!Shape::kHeld) {
        load(column, g, normal);
        multiply(column, g);
      }
      for (int i = 0; i < kVector; i++) g.at[i] = (g.at[i] - mean_gradient - normal.at[i] * mean_product) * scale;
      store_chunk<kVector>(dx + row * width + column, g);
    });
  }

  if constexpr (kColumns && Shape::kHeld) {
    // The teams of a block add theirs to its row in their order.
    for (int turn = 0; turn < kTeams; turn++) {
      if (turn > 0) __syncthreads();
      if (static_cast<int>(threadIdx.x) / Shape::kThreads != turn) continue;
      const auto write = [&](float* row, const Chunk* sums) {
        Shape::for_chunks(team.thread, width, [&](int j, int64_t column) {
          Chunk total = sums[j];
          if (turn > 0) {
            const Chunk old = load_chunk<kVector>(row + column);
            for (int i = 0; i < kVector; i++) total.at[i] += old.at[i];
          }
          store_chunk<kVector>(row + column, total);
        });
      };
      write(to_weight + blockIdx.x * width, weight_sums);
      if (to_bias) write(to_bias + blockIdx.x * width, bias_sums);
    }
  }
}

template <bool kCentered>
void normalize(Stream& stream, int64_t rows, int64_t width, double epsilon, const float* x, const float* weight,
               const float* bias, float* y, float* statistics) {
  if (rows == 0 || width == 0) return;
  with_row_shape(width, can_read_vectors(width, x, weight, bias, y), [&](auto shape) {
    using Shape = decltype(shape);
    OCELLI_LAUNCH((normalize_rows<Shape, kCentered>), blocks_for(rows, Shape::TeamOf::kTeams, kMostBlocks),
                  Shape::TeamOf::kBlock, 0, stream.handle(), rows, width, static_cast<float>(epsilon), x, weight, bias, y,
                  statistics);
  });
}

// Each of dx, dweight and dbias may be null.
template <bool kCentered>
void normalize_backward(Stream& stream, int64_t rows, int64_t width, const float* dy, const float* x, const float* weight,
                        const float* statistics, float* dx, float* dweight, float* dbias) {
  if (width == 0) return;
  // Sums over rows are cut by shape alone, so that every device adds in the same order: 256 blocks are two or so a
  // multiprocessor of the devices with the most.
  constexpr int64_t kMostParts = 256;
  const bool columns = dweight || dbias;
  const bool vectors = can_read_vectors(width, dy, x, weight, dx);
  int64_t parts = 0;
  float *weight_parts = nullptr, *bias_parts = nullptr;
  if (rows > 0)
    with_row_shape(width, vectors, [&](auto shape) {
      using Shape = decltype(shape);
      constexpr int64_t kTeams = Shape::TeamOf::kTeams;
      int64_t rows_of_block = kTeams;
      if (columns && rows > kMostParts * kTeams) rows_of_block = (rows + kMostParts - 1) / kMostParts;
      parts = (rows + rows_of_block - 1) / rows_of_block;
      const auto blocks = static_cast<unsigned>(parts);
      if (!columns) {
        OCELLI_LAUNCH((normalize_rows_backward<Shape, kCentered, false>), blocks, Shape::TeamOf::kBlock, 0, stream.handle(),
                      rows, width, rows_of_block, dy, x, weight, statistics, dx, nullptr, nullptr);
        return;
      }
      weight_parts = stream.workspace<float>(parts * width);
      if (dbias) bias_parts = stream.workspace<float>(parts * width);
      OCELLI_LAUNCH((normalize_rows_backward<Shape, kCentered, true>), blocks, Shape::TeamOf::kBlock, 0, stream.handle(),
                    rows, width, rows_of_block, dy, x, weight, statistics, dx, weight_parts, bias_parts);
    });
  if (dweight) sum_columns(stream, weight_parts, nullptr, dweight, 1, parts, width, 1);
  if (dbias) sum_columns(stream, bias_parts, nullptr, dbias, 1, parts, width, 1);
}

}  // namespace ocelli::cuda
