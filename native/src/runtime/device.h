#pragma once
// What a queue's commands run on. Every addon links one kind: src/cpu/device or src/cuda/device.
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "ocelli/kernel.h"

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

  // Memory of the device, aligned to 64 bytes at least; null when it has none left. On the JavaScript thread.
  virtual void* allocate(size_t bytes) = 0;
  virtual void release(void* memory) = 0;

  // All of these are called on the queue's thread, in order, and may throw. What they start is done after `finish`.
  virtual void run(const KernelEntry& entry, void* const* tensors, const double* scalars) = 0;
  // The host's bytes may change as soon as it returns.
  virtual void copy_in(void* to, const void* from, size_t bytes) = 0;
  // The host's bytes are there after `finish`.
  virtual void copy_out(void* to, const void* from, size_t bytes) = 0;
  // Waits for all that was started. Throws what kernels had to report meanwhile.
  virtual void finish() = 0;
};

// How many devices of this addon's kind the machine has, and why none if it has none.
struct DeviceCount {
  int count;
  std::string reason;
};
DeviceCount count_devices();
std::string device_name(int index);
// Sets of kernels that run here, of which the environment's OCELLI_ISA may choose one.
std::vector<std::string> kernel_sets();

// Throws std::runtime_error where there is no such device.
std::shared_ptr<Device> open_device(int index);

}  // namespace ocelli
