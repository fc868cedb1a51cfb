#pragma once
#include <string>
#include <vector>

#include "ocelli/kernel.h"

namespace ocelli {

// Kernel tables that this processor can run, fastest first.
const std::vector<const KernelTable*>& supported_tables();

// The fastest table, or the one that OCELLI_ISA names. Throws std::runtime_error if that one cannot run here.
const KernelTable& choose_table();

}  // namespace ocelli
