// The kernels of CUDA devices. A new kernel is a function in a file of src/cuda and one line in its kernels.inc.
#include "table.h"

#include "../kernels.h"

namespace ocelli::cuda {

namespace {

const KernelEntry entries[] = {
#define OCELLI_KERNEL(name, tensors, scalars) {#name, tensors, scalars, name},
#include "../kernels.inc"
#undef OCELLI_KERNEL
    {nullptr, 0, 0, nullptr},
};

}  // namespace

#ifdef OCELLI_SIMT
#define OCELLI_CUDA_NAME "cuda-emulated"
#else
#define OCELLI_CUDA_NAME "cuda"
#endif
// Rows of packed weights are filled up to 64 numbers, so that every format's rows begin at whole 16 bytes.
const KernelTable table = {OCELLI_CUDA_NAME, entries, 32, 64, 64};

}  // namespace ocelli::cuda
