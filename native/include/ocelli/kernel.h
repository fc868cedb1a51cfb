#pragma once
#include <cstdint>

#include "ocelli/thread_pool.h"

#define OCELLI_INLINE inline __attribute__((always_inline))

namespace ocelli {

namespace cuda {
class Stream;
}

// One call of a kernel: its tensors and its scalars, in the order that the kernel's comment gives. A tensor that is
// optional and absent is null. Shapes and types have been checked by the caller; kernels assume.
struct Call {
  void* const* tensors;
  const double* scalars;  // sizes are exact up to 2^53
  ThreadPool& pool;
  cuda::Stream* stream = nullptr;  // of a CUDA device, whose kernels do their work there

  template <class T = float>
  OCELLI_INLINE T* tensor(int index) const {
    return static_cast<T*>(tensors[index]);
  }
  OCELLI_INLINE int64_t size(int index) const { return static_cast<int64_t>(scalars[index]); }
  OCELLI_INLINE float real(int index) const { return static_cast<float>(scalars[index]); }
  OCELLI_INLINE bool flag(int index) const { return scalars[index] != 0; }
};

// The most that a kernel takes.
constexpr int kMostTensors = 50;
constexpr int kMostScalars = 16;

using Kernel = void (*)(const Call&);

struct KernelEntry {
  const char* name;
  int tensors;
  int scalars;
  Kernel run;
};

// The kernels of one instruction set; every set has the same names in the same order. Ends with a null name.
struct KernelTable {
  const char* isa;  // or "cuda", "cuda-emulated"
  const KernelEntry* entries;
  int vector_width;  // floats in a register
  int panel_width;  // outputs in a panel of a packed weight
  int depth_multiple = 1;  // inputs of a packed weight are filled up to a multiple of this
};

}  // namespace ocelli
