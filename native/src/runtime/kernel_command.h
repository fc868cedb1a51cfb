#pragma once
#include "ocelli/kernel.h"

namespace ocelli {

constexpr int kMostTensors = 12;
constexpr int kMostScalars = 16;

struct KernelCommand {
  const KernelEntry* entry;
  void* tensors[kMostTensors];
  double scalars[kMostScalars];
};

}  // namespace ocelli
