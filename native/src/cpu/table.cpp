// The kernels of one instruction set. A new kernel is a function in a file of its own and one line in kernels.inc.
#include "gemm_tile.h"
#include "kernels.h"

#define OCELLI_STRING2(x) #x
#define OCELLI_STRING(x) OCELLI_STRING2(x)

namespace ocelli::OCELLI_ISA {

static const KernelEntry entries[] = {
#define OCELLI_KERNEL(name, tensors, scalars) {#name, tensors, scalars, name},
#include "kernels.inc"
#undef OCELLI_KERNEL
    {nullptr, 0, 0, nullptr},
};

extern const KernelTable table;
const KernelTable table = {OCELLI_STRING(OCELLI_ISA), entries, kWidth, kPanel};

}  // namespace ocelli::OCELLI_ISA
