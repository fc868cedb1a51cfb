#pragma once
#include "ocelli/kernel.h"

namespace ocelli::OCELLI_ISA {

#define OCELLI_KERNEL(name, tensors, scalars) \
  void name(const Call& call);                \
  static_assert(tensors <= kMostTensors && scalars <= kMostScalars, #name);
#include "kernels.inc"
#undef OCELLI_KERNEL

}  // namespace ocelli::OCELLI_ISA
