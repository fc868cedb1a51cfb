// Moves of data that change nothing but the place.
//
// copy_blocks          tensors source, target
//                      scalars count, length, source_stride, source_offset, target_stride, target_offset, element_bytes
//   Copies `count` blocks of `length` elements: concatenation and slices along any axis. The tensors do not overlap.
// arrange_rows         tensors first[first_rows, width], second[second_rows, width] or null, ids int32[count],
//                      target[count, width], of 4-byte elements
//                      scalars count, width, first_rows
//   Row ids[i] of both, laid end to end, becomes row i; zeros where ids[i] is negative.
// fill                 tensors target[n]
//                      scalars n, element_bytes (1, 2 or 4), bits: the element as an unsigned integer
// transpose_matrices   tensors x[batch, rows, columns], y[batch, columns, rows], of 4-byte elements
//                      scalars batch, rows, columns
// patchify             tensors pixels[batch, channels, height, width], patches[batch, tiles, channels * size * size]
//                      scalars batch, channels, height, width, size
//   Tiles row by row, each in the order (channel, y, x) in which a convolution's weight [D, C, size, size] flattens.
//   Rows and columns that do not fill a tile are left out, as a convolution with stride `size` does.
// patchify_backward    tensors dpatches, dpixels; scalars as above. dpixels is overwritten.
#include "kernels.h"
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

// copy(pixels, patches, length) for each row of each tile.
template <class Copy>
OCELLI_INLINE void for_tile_rows(const Call& call, Copy copy) {
  const int64_t batch = call.size(0), channels = call.size(1), height = call.size(2), width = call.size(3);
  const int64_t size = call.size(4), down = height / size, across = width / size;
  const int64_t tile = channels * size * size;
  parallel_blocks(call.pool, batch * down, rows_per_block(across * tile), [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; item++)
      for (int64_t c = 0; c < channels; c++)
        for (int64_t y = 0; y < size; y++) {
          const int64_t pixels = ((item / down * channels + c) * height + item % down * size + y) * width;
          const int64_t patches = item * across * tile + (c * size + y) * size;
          for (int64_t x = 0; x < across; x++) copy(pixels + x * size, patches + x * tile, size);
        }
  });
}

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
  for_tile_rows(call, [&](int64_t from, int64_t to, int64_t length) OCELLI_HOT {
    copy_floats(pixels + from, patches + to, length);
  });
}

void patchify_backward(const Call& call) {
  const float* dpatches = call.tensor(0);
  float* dpixels = call.tensor(1);
  const int64_t size = call.size(4);
  if (call.size(2) % size != 0 || call.size(3) % size != 0)
    parallel_blocks(call.pool, call.size(0) * call.size(1) * call.size(2) * call.size(3), kBlock,
                    [&](int64_t begin, int64_t end) { memset(dpixels + begin, 0, (end - begin) * sizeof(float)); });
  for_tile_rows(call, [&](int64_t to, int64_t from, int64_t length) OCELLI_HOT {
    copy_floats(dpatches + from, dpixels + to, length);
  });
}

}  // namespace ocelli::OCELLI_ISA
