#pragma once
// The check that every kernel which takes ids makes before it writes anything.
#include <cstdint>

#include "ocelli/kernel_error.h"

namespace ocelli::OCELLI_ISA {

static inline void check_ids(const int32_t* ids, int64_t count, int64_t vocabulary) {
  for (int64_t i = 0; i < count; i++)
    if (ids[i] < 0 || ids[i] >= vocabulary)
      KernelError::raise("id %d at position %lld is outside of the table's %lld rows", ids[i], static_cast<long long>(i),
                         static_cast<long long>(vocabulary));
}

}  // namespace ocelli::OCELLI_ISA
