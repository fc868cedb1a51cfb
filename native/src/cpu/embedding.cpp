// Rows of a table by id. All raise KernelError for an id outside of the table, before anything is written.
//
// embedding            tensors table[vocabulary, width], ids int32[count], y[count, width]
//                      scalars count, width, vocabulary
// embedding_backward   tensors dy[count, width], ids, dtable[vocabulary, width]; dtable is overwritten
//                      scalars count, width, vocabulary
// scatter_rows         tensors source[count, width], ids, table; table[ids[i]] = source[i], the last of equal ids wins
//                      scalars count, width, vocabulary
#include "embedding_ids.h"
#include "kernels.h"
#include "simd/fold.h"

namespace ocelli::OCELLI_ISA {
namespace {

// Cuts the columns, not the ids: equal ids then meet in one thread, in their order. body(first column, columns).
template <class Body>
OCELLI_INLINE void parallel_columns(const Call& call, Body body) {
  const int64_t count = call.size(0), width = call.size(1);
  const int64_t fitting = rows_per_block(count);
  parallel_blocks(call.pool, width, fitting > 64 ? fitting : 64,
                  [&](int64_t begin, int64_t end) { body(begin, end - begin); });
}

}  // namespace

void embedding(const Call& call) {
  const float* table = call.tensor(0);
  const int32_t* ids = call.tensor<int32_t>(1);
  float* y = call.tensor(2);
  const int64_t count = call.size(0), width = call.size(1);
  check_ids(ids, count, call.size(2));
  parallel_blocks(call.pool, count, rows_per_block(width), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) memcpy(y + i * width, table + ids[i] * width, width * sizeof(float));
  });
}

void embedding_backward(const Call& call) {
  const float* dy = call.tensor(0);
  const int32_t* ids = call.tensor<int32_t>(1);
  float* dtable = call.tensor(2);
  const int64_t count = call.size(0), width = call.size(1), vocabulary = call.size(2);
  check_ids(ids, count, vocabulary);
  parallel_blocks(call.pool, vocabulary * width, kBlock,
                  [&](int64_t begin, int64_t end) { memset(dtable + begin, 0, (end - begin) * sizeof(float)); });
  parallel_columns(call, [&](int64_t column, int64_t columns) {
    for (int64_t i = 0; i < count; i++) {
      const float* from = dy + i * width + column;
      float* to = dtable + ids[i] * width + column;
      for_each_vector(columns, [&](int64_t k, int64_t part) OCELLI_HOT {
        store_part(to + k, load_part(to + k, part) + load_part(from + k, part), part);
      });
    }
  });
}

void scatter_rows(const Call& call) {
  const float* source = call.tensor(0);
  const int32_t* ids = call.tensor<int32_t>(1);
  float* table = call.tensor(2);
  const int64_t count = call.size(0), width = call.size(1);
  check_ids(ids, count, call.size(2));
  parallel_columns(call, [&](int64_t column, int64_t columns) {
    for (int64_t i = 0; i < count; i++)
      memcpy(table + ids[i] * width + column, source + i * width + column, columns * sizeof(float));
  });
}

}  // namespace ocelli::OCELLI_ISA
