#pragma once
#include "ocelli/kernel.h"

namespace ocelli::cuda {

#define OCELLI_KERNEL(name, tensors, scalars) void name(const Call& call);
#include "kernels.inc"
#undef OCELLI_KERNEL

}  // namespace ocelli::cuda
