// softmax, softmax_backward, log_softmax, log_softmax_backward: the twins of src/cpu/softmax.cpp's.
//
// A team of threads takes a row, held in registers up to 8192 numbers: one warp up to 1024, else a block. Longer rows are read
// twice, the second time from L2: maximum and sum are made in one pass, which rescales the sum where the maximum grows
// (Milakov, Gimelshein 2018). Bound by memory: expf, not its fast form, whose error grows with its argument, is some ten
// instructions a number, half of what the arithmetic units do in the time of its eight bytes.
#include "row_maximum.cuh"

#include "kernels.h"

namespace ocelli::cuda {
namespace {

template <class Shape, bool kLogarithm>
__global__ void __launch_bounds__(Shape::TeamOf::kBlock, Shape::kResident) softmax_rows(int64_t rows, int64_t width, const float* x, float* y) {
  typename Shape::TeamOf team;
  for (int64_t row = team.first(); row < rows; row += team.step()) {
    const float* in = x + row * width;
    float* out = y + row * width;
    if constexpr (Shape::kHeld) {
      typename Shape::ChunkOf held[Shape::kChunks] = {};
      float top = -INFINITY;
      Shape::for_chunks(team.thread, width, [&](int j, int64_t column) {
        held[j] = load_chunk<Shape::kVector>(in + column);
        for (const float value : held[j].at) top = fmaxf(top, value);
      });
      top = team.greatest(top);
      float total = 0;
      Shape::for_chunks(team.thread, width, [&](int j, int64_t) {
        for (float& value : held[j].at) {
          value -= top;
          const float exponential = expf(value);
          total += exponential;
          if constexpr (!kLogarithm) value = exponential;
        }
      });
      total = team.sum(total);
      const float change = kLogarithm ? logf(total) : 1 / total;
      Shape::for_chunks(team.thread, width, [&](int j, int64_t column) {
        for (float& value : held[j].at) value = kLogarithm ? value - change : value * change;
        store_chunk<Shape::kVector>(out + column, held[j]);
      });
    } else {
      const RowMaximum all = maximum_of_row<Shape>(team, in, width);
      const float change = kLogarithm ? logf(all.total) : 1 / all.total;
      Shape::for_chunks(team.thread, width, [&](int, int64_t column) {
        auto values = load_chunk<Shape::kVector>(in + column);
        for (float& value : values.at) value = kLogarithm ? value - all.top - change : expf(value - all.top) * change;
        store_chunk<Shape::kVector>(out + column, values);
      });
    }
  }
}

// dx = y (dy - sum of dy y), or of the logarithm dx = dy - exp(y) sum of dy.
template <class Shape, bool kLogarithm>
__global__ void __launch_bounds__(Shape::TeamOf::kBlock, Shape::kResident)
    softmax_rows_backward(int64_t rows, int64_t width, const float* dy, const float* y, float* dx) {
  typename Shape::TeamOf team;
  using Chunk = typename Shape::ChunkOf;
  for (int64_t row = team.first(); row < rows; row += team.step()) {
    const int64_t offset = row * width;
    Chunk gradients[Shape::kArray] = {}, results[Shape::kArray] = {};
    float sum = 0;
    Shape::for_chunks(team.thread, width, [&](int j, int64_t column) {
      gradients[j] = load_chunk<Shape::kVector>(dy + offset + column);
      if constexpr (!kLogarithm || Shape::kHeld) results[j] = load_chunk<Shape::kVector>(y + offset + column);
      for (int i = 0; i < Shape::kVector; i++) {
        if constexpr (kLogarithm) sum += gradients[j].at[i];
        else sum += gradients[j].at[i] * results[j].at[i];
      }
    });
    sum = team.sum(sum);
    Shape::for_chunks(team.thread, width, [&](int j, int64_t column) {
      Chunk gradient = gradients[j], result = results[j];
      if constexpr (!Shape::kHeld) {
        gradient = load_chunk<Shape::kVector>(dy + offset + column);
        result = load_chunk<Shape::kVector>(y + offset + column);
      }
      for (int i = 0; i < Shape::kVector; i++)
        gradient.at[i] = kLogarithm ? gradient.at[i] - expf(result.at[i]) * sum : result.at[i] * (gradient.at[i] - sum);
      store_chunk<Shape::kVector>(dx + offset + column, gradient);
    });
  }
}

template <bool kLogarithm>
void softmax_of(const Call& call) {
  const float* x = call.tensor(0);
  float* y = call.tensor(1);
  const int64_t rows = call.size(0), width = call.size(1);
  if (rows == 0 || width == 0) return;
  with_row_shape(width, can_read_vectors(width, x, y), [&](auto shape) {
    using Shape = decltype(shape);
    OCELLI_LAUNCH((softmax_rows<Shape, kLogarithm>), blocks_for(rows, Shape::TeamOf::kTeams, kMostBlocks),
                  Shape::TeamOf::kBlock, 0, call.stream->handle(), rows, width, x, y);
  });
}

template <bool kLogarithm>
void softmax_backward_of(const Call& call) {
  const float *dy = call.tensor(0), *y = call.tensor(1);
  float* dx = call.tensor(2);
  const int64_t rows = call.size(0), width = call.size(1);
  if (rows == 0 || width == 0) return;
  with_row_shape(width, can_read_vectors(width, dy, y, dx), [&](auto shape) {
    using Shape = decltype(shape);
    OCELLI_LAUNCH((softmax_rows_backward<Shape, kLogarithm>), blocks_for(rows, Shape::TeamOf::kTeams, kMostBlocks),
                  Shape::TeamOf::kBlock, 0, call.stream->handle(), rows, width, dy, y, dx);
  });
}

}  // namespace

void softmax(const Call& call) { softmax_of<false>(call); }
void softmax_backward(const Call& call) { softmax_backward_of<false>(call); }
void log_softmax(const Call& call) { softmax_of<true>(call); }
void log_softmax_backward(const Call& call) { softmax_backward_of<true>(call); }

}  // namespace ocelli::cuda
