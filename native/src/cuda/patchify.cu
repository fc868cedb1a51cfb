// patchify, patchify_backward: the twins of src/cpu/copy.cpp's.
//
// Bound by bytes: every number of a patch is written once, of a picture once. A thread has 4, 2 or 1 neighbours of a row,
// the most that sizes, strides and paddings are multiples of: then they are inside of a picture or a tile together. Five
// divisions of 32 bits say where they are, some 100 instructions, which for packs of 4 stay below the memory's time.
#include "elements.cuh"
#include "kernels.h"

namespace ocelli::cuda {

namespace {

// The scalars of patchify, and how many tiles there are; extents across are in packs.
template <class Index>
struct Tiling {
  Index channels, height, width, size_y, size_x, stride_y, stride_x, padding_y, padding_x, down, across;

  Tiling(const Call& call, int64_t pack) {
    const auto extent = [&](int at) { return static_cast<Index>(call.size(at)); };
    const auto packs = [&](int at) { return static_cast<Index>(call.size(at) / pack); };
    channels = extent(1), height = extent(2), width = packs(3), size_y = extent(4), size_x = packs(5);
    stride_y = extent(6), stride_x = packs(7), padding_y = extent(8), padding_x = packs(9);
    down = (height + 2 * padding_y - size_y) / stride_y + 1;
    across = static_cast<Index>((call.size(3) + 2 * call.size(9) - call.size(5)) / call.size(7) + 1);
  }
};

// Where the padding is, coordinates wrap to what lies beyond every extent: Index has no sign.
template <int kPack, class Index>
__global__ void __launch_bounds__(256) cut_patches(Index packs, Tiling<Index> t, const float* pixels, float* patches) {
  using Row = Pack<float, kPack>;
  const Index stride = static_cast<Index>(gridDim.x) * blockDim.x;
  for (Index i = static_cast<Index>(blockIdx.x) * blockDim.x + threadIdx.x; i < packs; i += stride) {
    Index rest = i / t.size_x;
    const Index in_x = i - rest * t.size_x;
    Index next = rest / t.size_y;
    const Index in_y = rest - next * t.size_y;
    rest = next / t.channels;
    const Index channel = next - rest * t.channels;
    next = rest / t.across;
    const Index column = rest - next * t.across;
    const Index image = next / t.down, row = next - image * t.down;
    const Index y = row * t.stride_y + in_y - t.padding_y, x = column * t.stride_x + in_x - t.padding_x;
    Row value = {};
    if (y < t.height && x < t.width)
      value = reinterpret_cast<const Row*>(pixels)[((image * t.channels + channel) * t.height + y) * t.width + x];
    reinterpret_cast<Row*>(patches)[i] = value;
  }
}

// Pixels gather from every tile that covers them, in the tiles' order.
template <int kPack, class Index>
__global__ void __launch_bounds__(256) sum_patches(Index packs, Tiling<Index> t, const float* dpatches, float* dpixels) {
  using Row = Pack<float, kPack>;
  const Index stride = static_cast<Index>(gridDim.x) * blockDim.x;
  for (Index i = static_cast<Index>(blockIdx.x) * blockDim.x + threadIdx.x; i < packs; i += stride) {
    Index rest = i / t.width;
    const Index x = i - rest * t.width + t.padding_x;  // of the padded picture
    Index next = rest / t.height;
    const Index y = rest - next * t.height + t.padding_y;
    const Index image = next / t.channels, channel = next - image * t.channels;
    const Index top = y < t.size_y ? 0 : (y - t.size_y) / t.stride_y + 1;
    const Index left = x < t.size_x ? 0 : (x - t.size_x) / t.stride_x + 1;
    Row sum = {};
    for (Index row = top; row < t.down && row * t.stride_y <= y; row++)
      for (Index column = left; column < t.across && column * t.stride_x <= x; column++) {
        const Index tile = (image * t.down + row) * t.across + column;
        const Index line = (tile * t.channels + channel) * t.size_y + y - row * t.stride_y;
        const Row part = reinterpret_cast<const Row*>(dpatches)[line * t.size_x + x - column * t.stride_x];
#pragma unroll
        for (int e = 0; e < kPack; e++) sum.at[e] += part.at[e];
      }
    reinterpret_cast<Row*>(dpixels)[i] = sum;
  }
}

template <int kPack, class Index>
void launch_patches(const Call& call, bool backward) {
  const Tiling<Index> t(call, kPack);
  const int64_t batch = call.size(0), pixels = batch * t.channels * t.height * t.width;
  const int64_t patches = batch * t.down * t.across * t.channels * t.size_y * t.size_x;
  const int64_t packs = backward ? pixels : patches;
  const float* from = call.tensor(0);
  float* to = call.tensor(1);
  cudaStream_t stream = call.stream->handle();
  if (packs <= 0) return;
  const auto n = static_cast<Index>(packs);
  if (backward) OCELLI_LAUNCH((sum_patches<kPack, Index>), blocks_for(packs, 256), 256, 0, stream, n, t, from, to);
  else OCELLI_LAUNCH((cut_patches<kPack, Index>), blocks_for(packs, 256), 256, 0, stream, n, t, from, to);
}

template <int kPack>
void patches_by(const Call& call, bool backward) {
  const Tiling<uint64_t> t(call, kPack);
  const uint64_t images = static_cast<uint64_t>(call.size(0)) * t.channels, limit = uint64_t{1} << 31;
  if (images * t.height * t.width < limit && images * t.down * t.across * t.size_y * t.size_x < limit)
    launch_patches<kPack, uint32_t>(call, backward);
  else launch_patches<kPack, uint64_t>(call, backward);
}

void patches_of(const Call& call, bool backward) {
  const uint64_t bits = reinterpret_cast<uintptr_t>(call.tensor(0)) / 4 | reinterpret_cast<uintptr_t>(call.tensor(1)) / 4 |
                        static_cast<uint64_t>(call.size(3) | call.size(5) | call.size(7) | call.size(9));
  if (bits % 4 == 0) patches_by<4>(call, backward);
  else if (bits % 2 == 0) patches_by<2>(call, backward);
  else patches_by<1>(call, backward);
}

}  // namespace

void patchify(const Call& call) { patches_of(call, false); }
void patchify_backward(const Call& call) { patches_of(call, true); }

}  // namespace ocelli::cuda
