#pragma once
#include "ocelli/kernel.h"

namespace ocelli::cuda {

extern const KernelTable table;

}  // namespace ocelli::cuda
