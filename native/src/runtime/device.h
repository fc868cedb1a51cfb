#pragma once
// What a queue's commands run on. Every addon links one kind: src/cpu/device or src/cuda/device.
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernel_command.h"

namespace ocelli {

class Device {
 public:
  virtual ~Device() = default;

  virtual const KernelTable& table() const = 0;
  // Whether the host reads and writes the device's memory as its own.
  virtual bool is_host() const = 0;
  // Of the host, that kernels use.
  virtual int threads() const { return 1; }
  virtual void set_threads(int) {}
  // Of the kernels that follow, where a device has a choice: how float32 operands enter products (cuda/stream.cuh). Called
  // while nothing runs.
  virtual void set_precision(int) {}

  // Memory of the device, aligned to 64 bytes at least; null when it has none left. The first `used` bytes of it were asked
  // for, the others are there for later requests. On the JavaScript thread, while nothing is queued that uses what is released.
  virtual void* allocate(size_t bytes, size_t used) = 0;
  virtual void release(void* memory) = 0;
  // Gives what was released back to the system, where the device keeps it. On the JavaScript thread, while nothing is queued.
  virtual void trim() {}

  // Memory of the host from which copies to the device are fast; null when there is none left. On any thread.
  virtual void* allocate_host(size_t bytes) = 0;
  virtual void release_host(void* memory) = 0;

  // All of these are called on the queue's thread, in order, and may throw. What they start is done after `finish`.
  virtual void run(const KernelEntry& entry, void* const* tensors, const double* scalars) = 0;
  // Makes of calls that were run one by one what runs them again; it may be used as long as the device is there.
  virtual std::function<void()> prepare(std::vector<KernelCommand> calls) {
    return [this, calls = std::move(calls)] {
      for (const KernelCommand& call : calls) run(*call.entry, call.tensors, call.scalars);
    };
  }
  // Calls `done` once the host's bytes may change, within this or a later call. In the order of the copies.
  virtual void copy_in(void* to, const void* from, size_t bytes, std::function<void()> done) = 0;
  // The host's bytes are there after `finish`.
  virtual void copy_out(void* to, const void* from, size_t bytes) = 0;
  // Waits for all that was started. Throws what kernels had to report meanwhile.
  virtual void finish() = 0;
};

// How many devices of this addon's kind the machine has, what drives them, and why there are none if there are none.
struct DeviceCount {
  int count;
  std::string driver, reason;
};
DeviceCount count_devices();
std::string device_name(int index);
// Sets of kernels that run here, of which the environment's OCELLI_ISA may choose one.
std::vector<std::string> kernel_sets();

// Throws std::runtime_error that says why, where there is no such device or it cannot be used.
std::shared_ptr<Device> open_device(int index);

}  // namespace ocelli
