// embedding_packed: the twin of src/cpu/embedding_packed.cpp's. Bound by bytes: a thread widens four numbers of a row. An id
// outside of the table is reported, and its row is zeros.
#include "kernels.h"
#include "weight_format.cuh"

namespace ocelli::cuda {

namespace {

struct PackedRows {
  const void* packed;
  const float* factors;
  const int32_t* ids;
  float* y;
  int64_t count, width, vocabulary;
  bool factor_of_row, wide;
  Levels levels;
};

template <class Numbers, int kThreads>
__global__ void __launch_bounds__(kThreads) embed_packed(PackedRows of, Reporter reporter) {
  OCELLI_SHARED(levels, float[kCodes]);
  share_levels(levels, of.levels);
  __syncthreads();
  const int64_t quads = (of.width + 3) / 4, depth = filled_up(of.width), stride = static_cast<int64_t>(gridDim.x) * kThreads;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < of.count * quads; i += stride) {
    const int64_t row = i / quads, first = i % quads * 4, id = of.ids[row];
    float four[4] = {};
    if (id >= 0 && id < of.vocabulary) {
      using Quad = typename Numbers::Quad;
      Numbers::widen(four, static_cast<const Quad*>(of.packed)[(id * depth + first) / 4], levels);
      if (Numbers::kGroups || of.factor_of_row) {
        const float factor = of.factors[of.factor_of_row ? id : id * (depth / kGroup) + first / kGroup];
        for (int j = 0; j < 4; j++) four[j] *= factor;
      }
    } else if (first == 0) {
      reporter.raise(Fault::id_outside, id, row, of.vocabulary);
    }
    float* to = of.y + row * of.width + first;
    if (of.wide) {
      *reinterpret_cast<float4*>(to) = make_float4(four[0], four[1], four[2], four[3]);
    } else {
      for (int j = 0; j < 4; j++)
        if (first + j < of.width) to[j] = four[j];
    }
  }
}

}  // namespace

void embedding_packed(const Call& call) {
  float* y = call.tensor(3);
  const int64_t count = call.size(0), width = call.size(1);
  const auto format = static_cast<WeightFormat>(call.size(3));
  if (count == 0 || width == 0) return;
  const PackedRows of = {call.tensor<void>(0), call.tensor(1), call.tensor<int32_t>(2), y, count, width, call.size(2),
                         scales_sums(format), width % 4 == 0 && reinterpret_cast<uintptr_t>(y) % 16 == 0,
                         levels_of(format)};
  with_numbers(format, [&](auto numbers) {
    OCELLI_LAUNCH((embed_packed<decltype(numbers), 256>), blocks_for(count * ((width + 3) / 4), 256), 256, 0,
                  call.stream->handle(), of, call.stream->reporter());
  });
}

}  // namespace ocelli::cuda
