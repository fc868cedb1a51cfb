// copy_blocks, arrange_rows, write_rows, fill, transpose_matrices: the twins of src/cpu/copy.cpp's; patchify.cu has the others.
//
// Bound by bytes, each read and written once. Copies move the widest word up to 16 bytes that sizes and addresses are
// multiples of, neighbours by neighbouring threads; one division of 32 bits a word finds its row. Transposition goes through
// a tile in shared memory, so that both sides are rows of 128 bytes.
#include "elements.cuh"
#include "kernels.h"

namespace ocelli::cuda {

namespace {

template <class Element>
struct SameElement {
  Element value;
  __device__ Element operator()() const { return value; }
};

template <class Element>
void fill_with(const Call& call) {
  const auto value = static_cast<Element>(static_cast<uint32_t>(call.scalars[2]));
  map_elements(*call.stream, call.size(0), SameElement<Element>{value}, call.tensor<Element>(0));
}

// Everything in words.
template <class Word, class Index>
__global__ void __launch_bounds__(256) copy_words(Index words, Index length, int64_t source_stride, int64_t target_stride,
                                                  const Word* source, Word* target) {
  const Index stride = static_cast<Index>(gridDim.x) * blockDim.x;
  for (Index i = static_cast<Index>(blockIdx.x) * blockDim.x + threadIdx.x; i < words; i += stride) {
    const Index block = i / length, at = i - block * length;
    target[block * target_stride + at] = source[block * source_stride + at];
  }
}

template <class Word>
void copy_blocks_of(Stream& stream, int64_t count, int64_t length, int64_t source_stride, int64_t target_stride,
                    const char* source, char* target) {
  constexpr int64_t kBytes = sizeof(Word);
  const int64_t words = count * length / kBytes;
  const auto* from = reinterpret_cast<const Word*>(source);
  auto* to = reinterpret_cast<Word*>(target);
  const unsigned blocks = blocks_for(words, 256);
  if (words < int64_t{1} << 31)
    OCELLI_LAUNCH((copy_words<Word, uint32_t>), blocks, 256, 0, stream.handle(), static_cast<uint32_t>(words), static_cast<uint32_t>(length / kBytes), source_stride / kBytes, target_stride / kBytes, from, to);
  else
    OCELLI_LAUNCH((copy_words<Word, int64_t>), blocks, 256, 0, stream.handle(), words, length / kBytes, source_stride / kBytes, target_stride / kBytes, from, to);
}

// A negative id's row is zeros.
template <int kPack, class Index>
__global__ void __launch_bounds__(256) arrange_packs(Index packs, Index width, int64_t first_rows, const float* first,
                                                     const float* second, const int32_t* ids, float* target) {
  using Words = Pack<float, kPack>;
  const Index stride = static_cast<Index>(gridDim.x) * blockDim.x;
  for (Index i = static_cast<Index>(blockIdx.x) * blockDim.x + threadIdx.x; i < packs; i += stride) {
    const Index row = i / width, at = i - row * width;
    const int64_t id = ids[row];
    Words words = {};
    if (id >= first_rows) words = reinterpret_cast<const Words*>(second)[(id - first_rows) * width + at];
    else if (id >= 0) words = reinterpret_cast<const Words*>(first)[id * width + at];
    reinterpret_cast<Words*>(target)[i] = words;
  }
}

template <int kPack>
void arrange_by(const Call& call) {
  const float *first = call.tensor(0), *second = call.tensor(1);
  const int64_t width = call.size(1) / kPack, packs = call.size(0) * width;
  const unsigned blocks = blocks_for(packs, 256);
  if (packs < int64_t{1} << 31)
    OCELLI_LAUNCH((arrange_packs<kPack, uint32_t>), blocks, 256, 0, call.stream->handle(), static_cast<uint32_t>(packs), static_cast<uint32_t>(width), call.size(2), first, second, call.tensor<int32_t>(2), call.tensor(3));
  else
    OCELLI_LAUNCH((arrange_packs<kPack, int64_t>), blocks, 256, 0, call.stream->handle(), packs, width, call.size(2), first, second, call.tensor<int32_t>(2), call.tensor(3));
}

constexpr int kTransposeEdge = 32;

// A block takes tile after tile; its thread (x, y) four rows of one. The odd stride keeps a column's words in 32 banks.
__global__ void __launch_bounds__(256) transpose_tiles(int64_t tiles, int64_t rows, int64_t columns, const float* x, float* y) {
  OCELLI_SHARED(tile, float[kTransposeEdge][kTransposeEdge + 1]);
  const int64_t down = (rows + kTransposeEdge - 1) / kTransposeEdge, across = (columns + kTransposeEdge - 1) / kTransposeEdge;
  const int lane = threadIdx.x % kTransposeEdge, first = threadIdx.x / kTransposeEdge;
  for (int64_t item = blockIdx.x; item < tiles; item += gridDim.x) {
    const int64_t matrix = item / (down * across) * rows * columns;
    const int64_t row = item / across % down * kTransposeEdge, column = item % across * kTransposeEdge;
#pragma unroll
    for (int i = 0; i < kTransposeEdge; i += 8) {
      const int64_t at = row + first + i;
      if (at < rows && column + lane < columns) tile[first + i][lane] = x[matrix + at * columns + column + lane];
    }
    __syncthreads();
#pragma unroll
    for (int i = 0; i < kTransposeEdge; i += 8) {
      const int64_t at = column + first + i;
      if (at < columns && row + lane < rows) y[matrix + at * rows + row + lane] = tile[lane][first + i];
    }
    __syncthreads();
  }
}

// Sizes are in bytes.
template <class Unit>
void write_rows_of(const Call& call, int64_t batch, int64_t length, int64_t stride, int64_t row, const char* source,
                   const int32_t* start, char* target) {
  const Reporter reporter = call.stream->reporter();
  const int64_t units = length / static_cast<int64_t>(sizeof(Unit));
  for_elements(*call.stream, batch * units, [=] __device__(int64_t i) {
    const int64_t first = *start * row;
    if (first < 0 || first + length > stride) {
      if (i == 0) reporter.raise(Fault::rows_outside, *start, stride / row);
      return;
    }
    const int64_t block = i / units;
    reinterpret_cast<Unit*>(target + block * stride + first)[i - block * units] = reinterpret_cast<const Unit*>(source)[i];
  });
}

}  // namespace

void copy_blocks(const Call& call) {
  const int64_t count = call.size(0), element = call.size(6), length = call.size(1) * element;
  const int64_t source_stride = call.size(2) * element, target_stride = call.size(4) * element;
  const char* source = call.tensor<char>(0) + call.size(3) * element;
  char* target = call.tensor<char>(1) + call.size(5) * element;
  Stream& stream = *call.stream;
  if (count <= 0 || length <= 0) return;
  if (count == 1)  // the runtime copies as fast as the memory allows, at any address
    return check(cudaMemcpyAsync(target, source, length, cudaMemcpyDeviceToDevice, stream.handle()), "copy");
  const uint64_t bits = reinterpret_cast<uintptr_t>(source) | reinterpret_cast<uintptr_t>(target) |
                        static_cast<uint64_t>(length | source_stride | target_stride);
  if (bits % 16 == 0) copy_blocks_of<uint4>(stream, count, length, source_stride, target_stride, source, target);
  else if (bits % 8 == 0) copy_blocks_of<uint2>(stream, count, length, source_stride, target_stride, source, target);
  else if (bits % 4 == 0) copy_blocks_of<uint32_t>(stream, count, length, source_stride, target_stride, source, target);
  else if (bits % 2 == 0) copy_blocks_of<uint16_t>(stream, count, length, source_stride, target_stride, source, target);
  else copy_blocks_of<uint8_t>(stream, count, length, source_stride, target_stride, source, target);
}

void arrange_rows(const Call& call) {
  if (call.size(0) <= 0 || call.size(1) <= 0) return;
  const bool packed = call.size(1) % 4 == 0 && is_aligned(call.tensor(0), 16) && is_aligned(call.tensor(1), 16) &&
                      is_aligned(call.tensor(3), 16);
  if (packed) arrange_by<4>(call);
  else arrange_by<1>(call);
}

void write_rows(const Call& call) {
  const int64_t batch = call.size(0), length = call.size(1), stride = call.size(2), row = call.size(3);
  const char* source = call.tensor<char>(0);
  const int32_t* start = call.tensor<int32_t>(1);
  char* target = call.tensor<char>(2);
  const uint64_t bits = reinterpret_cast<uintptr_t>(source) | reinterpret_cast<uintptr_t>(target) |
                        static_cast<uint64_t>(length | stride | row);
  if (bits % 16 == 0) write_rows_of<uint4>(call, batch, length, stride, row, source, start, target);
  else if (bits % 4 == 0) write_rows_of<uint32_t>(call, batch, length, stride, row, source, start, target);
  else write_rows_of<uint8_t>(call, batch, length, stride, row, source, start, target);
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
  if (batch <= 0 || rows <= 0 || columns <= 0) return;
  cudaStream_t handle = call.stream->handle();
  if (rows >= 8 && columns >= 8) {
    const int64_t tiles = batch * ((rows + kTransposeEdge - 1) / kTransposeEdge) * ((columns + kTransposeEdge - 1) / kTransposeEdge);
    OCELLI_LAUNCH(transpose_tiles, blocks_for(tiles, 1), 256, 0, handle, tiles, rows, columns, x, y);
    return;
  }
  // A few rows are as many streams to read, and of a few columns a warp reads every sector whole: no tile is needed.
  const int64_t area = rows * columns;
  for_elements(*call.stream, batch * area, [=] __device__(int64_t i) {
    const int64_t matrix = i / area;
    const uint32_t at = static_cast<uint32_t>(i - matrix * area), height = static_cast<uint32_t>(rows);
    y[i] = x[matrix * area + static_cast<int64_t>(at % height) * columns + at / height];
  });
}

}  // namespace ocelli::cuda
