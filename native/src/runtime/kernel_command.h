#pragma once
#include "ocelli/kernel.h"

namespace ocelli {

struct KernelCommand {
  const KernelEntry* entry;
  void* tensors[kMostTensors];
  double scalars[kMostScalars];
};

}  // namespace ocelli
