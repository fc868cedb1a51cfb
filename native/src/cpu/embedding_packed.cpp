// Rows of a packed weight by id, widened to float32: the token table of a model whose head is the same weight. Raises
// KernelError for an id outside of the table, before anything is written.
//
// embedding_packed  tensors packed, factors or null (weight_format.h), ids int32[count],
//                   y[count, width]
//                   scalars count, width, vocabulary, format (WeightFormat)
#include "embedding_ids.h"
#include "kernels.h"
#include "weight_format.h"

namespace ocelli::OCELLI_ISA {

// A row of the table is a column of its panel. The cache lines of the whole panel are read for it, as is more of the packed
// weight by the head for every token.
void embedding_packed(const Call& call) {
  const int32_t* ids = call.tensor<int32_t>(2);
  float* y = call.tensor(3);
  const int64_t count = call.size(0), width = call.size(1);
  check_ids(ids, count, call.size(2));
  with_weights(call.tensor<void>(0), call.tensor(1), width, call.size(3), [&](const auto& weights) {
    parallel_blocks(call.pool, count, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++)
        for (int64_t k = 0; k < width; k++) y[i * width + k] = weights.element(ids[i], k);
    });
  });
}

}  // namespace ocelli::OCELLI_ISA
