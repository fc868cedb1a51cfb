#pragma once
// Device memory as JavaScript holds it: an external with a type tag, so that a wrong value is an error and never a crash.
#include <napi.h>

#include <memory>

#include "../runtime/allocator.h"

namespace ocelli {

// Outlives the environment's teardown as long as a handle's finalizer may still run.
struct DeviceMemory {
  explicit DeviceMemory(std::shared_ptr<Device> device) : allocator(std::move(device)) {}
  // A part of another for a capture.
  explicit DeviceMemory(std::shared_ptr<DeviceMemory> of) : parent(std::move(of)), allocator(parent->allocator) {}
  const std::shared_ptr<DeviceMemory> parent;
  Allocator allocator;
  bool closed = false;
};

struct MemoryBlock {
  std::shared_ptr<DeviceMemory> device;
  Block block;
  size_t bytes;  // that the handle may use

  void* data() const { return block.data; }
  // Gives the block back to the cache, and the cache up; a second time does nothing.
  void release(Napi::BasicEnv env);
};

Napi::Value WrapMemory(Napi::Env env, std::shared_ptr<DeviceMemory> device, Block block, size_t bytes);
MemoryBlock& UnwrapMemory(Napi::Env env, Napi::Value value);  // throws for anything but a live handle

}  // namespace ocelli
