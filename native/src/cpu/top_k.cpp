// The greatest numbers of rows: what decoding reads of a vocabulary.
//
// top_k   tensors x[rows, width], values[rows, count], ids int32[rows, count]      scalars rows, width, count
//   The greatest first, of equal ones the smallest id. NaN and -infinity are never among them; places that nothing takes
//   have the value -infinity and the id -1.
//
// A register is looked at further only if something in it is greater than the last of those kept, which is rare after the
// first few: bound by reading.
#include "kernels.h"
#include "simd/fold.h"

namespace ocelli::OCELLI_ISA {

namespace {

void insert(float value, int32_t id, float* values, int32_t* ids, int64_t count) {
  if (!(value > values[count - 1])) return;
  int64_t place = count - 1;
  for (; place > 0 && values[place - 1] < value; place--) {
    values[place] = values[place - 1];
    ids[place] = ids[place - 1];
  }
  values[place] = value;
  ids[place] = id;
}

}  // namespace

void top_k(const Call& call) {
  const int64_t rows = call.size(0), width = call.size(1), count = call.size(2);
  parallel_for(call.pool, rows, [&](int64_t row) OCELLI_HOT {
    const float* x = call.tensor(0) + row * width;
    float* values = call.tensor(1) + row * count;
    int32_t* ids = call.tensor<int32_t>(2) + row * count;
    for (int64_t i = 0; i < count; i++) {
      values[i] = -__builtin_inff();
      ids[i] = -1;
    }
    for_each_vector(width, [&](int64_t i, int64_t length) OCELLI_HOT {
      // NaN compares as not greater, here and below.
      const Vector greater = load_part(x + i, length, -__builtin_inff()) > splat(values[count - 1]) ? splat(1) : splat(0);
      if (max_lanes(greater) == 0) return;
      for (int64_t j = i; j < i + length; j++) insert(x[j], static_cast<int32_t>(j), values, ids, count);
    });
  });
}

}  // namespace ocelli::OCELLI_ISA
