#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "kernel_command.h"

namespace ocelli {

// Kernel calls that run again together, on the memory that they ran on first and with the same scalars.
struct Capture {
  std::shared_ptr<void> memory;  // what was allocated meanwhile: nobody else may get it
  std::vector<KernelCommand> calls;
  std::function<void()> replay;  // what the device made of the calls, for the queue's thread
};

}  // namespace ocelli
