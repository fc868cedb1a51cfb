// Moves of data that change nothing but the place.
//
// copy_blocks          tensors source, target
//                      scalars count, length, source_stride, source_offset, target_stride, target_offset, element_bytes
//   Copies `count` blocks of `length` elements: concatenation and slices along any axis. The tensors do not overlap.
// arrange_rows         tensors first[first_rows, width], second[second_rows, width] or null, ids int32[count],
//                      target[count, width], of 4-byte elements
//                      scalars count, width, first_rows
//   Row ids[i] of both, laid end to end, becomes row i; zeros where ids[i] is negative.
// write_rows           tensors source, start int32[1], target
//                      scalars batch, source_bytes, target_bytes, row_bytes
//   Puts each of `batch` blocks of `source_bytes` over part of its block of `target_bytes`, from row start on.
// fill                 tensors target[n]
//                      scalars n, element_bytes (1, 2 or 4), bits: the element as an unsigned integer
// transpose_matrices   tensors x[batch, rows, columns], y[batch, columns, rows], of 4-byte elements
//                      scalars batch, rows, columns
// patchify             tensors pixels[batch, channels, height, width], patches[batch, tiles, channels * size_y * size_x]
//                      scalars batch, channels, height, width, size_y, size_x, stride_y, stride_x, padding_y, padding_x
//   Tiles row by row, each in the order (channel, y, x) in which a convolution's weight [D, C, size_y, size_x] flattens.
//   Padding is zeros on all sides; what does not fill a tile at the end is left out, as a convolution does.
// patchify_backward    tensors dpatches, dpixels; scalars as above. dpixels is overwritten with the sums of tiles that overlap.
#include "kernels.h"
#include "ocelli/kernel_error.h"
#include "simd/fold.h"
#include "simd/transpose.h"

namespace ocelli::OCELLI_ISA {
namespace {

// memcpy costs a call: short rows of a patch or a narrow slice are worth a loop.
OCELLI_INLINE void copy_floats(const float* from, float* to, int64_t n) {
  if (n >= 128) memcpy(to, from, n * sizeof(float));
  else {
    int64_t i = 0;
    for (; i + kWidth <= n; i += kWidth) store(to + i, load(from + i));
    for (; i < n; i++) to[i] = from[i];
  }
}

template <class T>
void fill_with(const Call& call) {
  T* target = call.tensor<T>(0);
  const T value = static_cast<T>(static_cast<uint32_t>(call.scalars[2]));
  parallel_blocks(call.pool, call.size(0), 4 * kBlock, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) target[i] = value;
  });
}

OCELLI_INLINE void add_floats(const float* from, float* to, int64_t n) {
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) store(to + i, load(to + i) + load(from + i));
  for (; i < n; i++) to[i] += from[i];
}

// The scalars of patchify, and how many tiles there are.
struct Tiling {
  int64_t batch, channels, height, width, size_y, size_x, stride_y, stride_x, padding_y, padding_x, down, across;

  explicit Tiling(const Call& call)
      : batch(call.size(0)), channels(call.size(1)), height(call.size(2)), width(call.size(3)), size_y(call.size(4)),
        size_x(call.size(5)), stride_y(call.size(6)), stride_x(call.size(7)), padding_y(call.size(8)),
        padding_x(call.size(9)), down((height + 2 * padding_y - size_y) / stride_y + 1),
        across((width + 2 * padding_x - size_x) / stride_x + 1) {}

  int64_t length() const { return channels * size_y * size_x; }
};

}  // namespace

void copy_blocks(const Call& call) {
  const int64_t count = call.size(0), element = call.size(6), length = call.size(1) * element;
  const int64_t source_stride = call.size(2) * element, target_stride = call.size(4) * element;
  const char* source = call.tensor<char>(0) + call.size(3) * element;
  char* target = call.tensor<char>(1) + call.size(5) * element;
  const int64_t piece = 4 * kBlock;  // bytes
  if (length > piece) {
    const int64_t pieces = (length + piece - 1) / piece;
    parallel_for(call.pool, count * pieces, [&](int64_t item) {
      const int64_t block = item / pieces, begin = item % pieces * piece;
      memcpy(target + block * target_stride + begin, source + block * source_stride + begin,
             length - begin < piece ? length - begin : piece);
    });
    return;
  }
  parallel_blocks(call.pool, count, rows_per_block(length / 4), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const char* from = source + i * source_stride;
      char* to = target + i * target_stride;
      if (element == 4) copy_floats(reinterpret_cast<const float*>(from), reinterpret_cast<float*>(to), length / 4);
      else memcpy(to, from, length);
    }
  });
}

void write_rows(const Call& call) {
  const int64_t batch = call.size(0), length = call.size(1), stride = call.size(2), row = call.size(3);
  const char* source = call.tensor<char>(0);
  char* target = call.tensor<char>(2);
  const int64_t start = *call.tensor<int32_t>(1);
  if (start < 0 || start * row + length > stride)
    KernelError::raise("rows from %lld on do not fit into %lld rows", static_cast<long long>(start), static_cast<long long>(stride / row));
  for (int64_t i = 0; i < batch; i++) memcpy(target + i * stride + start * row, source + i * length, length);
}

void arrange_rows(const Call& call) {
  const float *first = call.tensor(0), *second = call.tensor(1);
  const int32_t* ids = call.tensor<int32_t>(2);
  float* target = call.tensor(3);
  const int64_t count = call.size(0), width = call.size(1), first_rows = call.size(2);
  parallel_blocks(call.pool, count, rows_per_block(width), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t id = ids[i];
      if (id < 0) memset(target + i * width, 0, width * sizeof(float));
      else copy_floats(id < first_rows ? first + id * width : second + (id - first_rows) * width, target + i * width, width);
    }
  });
}

void fill(const Call& call) {
  switch (call.size(1)) {
    case 1: return fill_with<uint8_t>(call);
    case 2: return fill_with<uint16_t>(call);
    case 4: return fill_with<uint32_t>(call);
  }
}

void transpose_matrices(const Call& call) {
  const float* x = call.tensor(0);
  float* y = call.tensor(1);
  const int64_t batch = call.size(0), rows = call.size(1), columns = call.size(2);
  constexpr int64_t edge = 64;  // 16 KiB each way: both sides stay in L1
  const int64_t down = (rows + edge - 1) / edge, across = (columns + edge - 1) / edge;
  const int64_t tile = (rows < edge ? rows : edge) * (columns < edge ? columns : edge);
  parallel_blocks(call.pool, batch * down * across, rows_per_block(tile), [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; item++) {
      const int64_t matrix = item / (down * across) * rows * columns;
      const int64_t row = item / across % down * edge, column = item % across * edge;
      transpose(x + matrix + row * columns + column, columns, rows - row < edge ? rows - row : edge,
                columns - column < edge ? columns - column : edge, y + matrix + column * rows + row, rows);
    }
  });
}

void patchify(const Call& call) {
  const float* pixels = call.tensor(0);
  float* patches = call.tensor(1);
  const Tiling t(call);
  const int64_t tiles = t.down * t.across;
  parallel_blocks(call.pool, t.batch * tiles, rows_per_block(t.length()), [&](int64_t begin, int64_t end) OCELLI_HOT {
    for (int64_t item = begin; item < end; item++) {
      const int64_t top = item % tiles / t.across * t.stride_y - t.padding_y;
      const int64_t left = item % t.across * t.stride_x - t.padding_x;
      const bool inside = left >= 0 && left + t.size_x <= t.width;
      const float* picture = pixels + item / tiles * t.channels * t.height * t.width;
      float* to = patches + item * t.length();
      for (int64_t c = 0; c < t.channels; c++)
        for (int64_t y = top; y < top + t.size_y; y++, to += t.size_x) {
          const float* row = picture + (c * t.height + y) * t.width;
          if (y < 0 || y >= t.height) {
            for (int64_t x = 0; x < t.size_x; x++) to[x] = 0;
          } else if (inside) {
            copy_floats(row + left, to, t.size_x);
          } else {
            for (int64_t x = 0; x < t.size_x; x++) to[x] = left + x >= 0 && left + x < t.width ? row[left + x] : 0;
          }
        }
    }
  });
}

// A row of a picture gathers from every tile that covers it, so that no two threads add to the same place.
void patchify_backward(const Call& call) {
  const float* dpatches = call.tensor(0);
  float* dpixels = call.tensor(1);
  const Tiling t(call);
  const int64_t rows = t.batch * t.channels * t.height;
  parallel_blocks(call.pool, rows, rows_per_block(t.width), [&](int64_t begin, int64_t end) OCELLI_HOT {
    for (int64_t item = begin; item < end; item++) {
      float* to = dpixels + item * t.width;
      memset(to, 0, t.width * sizeof(float));
      const int64_t channel = item / t.height % t.channels, image = item / t.height / t.channels;
      const int64_t y = item % t.height + t.padding_y;  // of the padded picture
      const int64_t first = y < t.size_y ? 0 : (y - t.size_y) / t.stride_y + 1;
      for (int64_t row = first; row < t.down && row * t.stride_y <= y; row++)
        for (int64_t column = 0; column < t.across; column++) {
          const int64_t tile = (image * t.down + row) * t.across + column;
          const float* from =
              dpatches + tile * t.length() + (channel * t.size_y + y - row * t.stride_y) * t.size_x;
          const int64_t left = column * t.stride_x - t.padding_x;
          if (left >= 0 && left + t.size_x <= t.width) {
            add_floats(from, to + left, t.size_x);
          } else {
            for (int64_t x = 0; x < t.size_x; x++)
              if (left + x >= 0 && left + x < t.width) to[left + x] += from[x];
          }
        }
    }
  });
}

}  // namespace ocelli::OCELLI_ISA
