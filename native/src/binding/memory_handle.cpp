#include "memory_handle.h"

#include <cstdlib>

namespace ocelli {

namespace {

constexpr napi_type_tag kMemoryTag = {0x6f63656c6c690001, 0x9d1f4c52a7e04b36};

void report(Napi::BasicEnv env, int64_t bytes) {
  int64_t total = 0;
  napi_adjust_external_memory(env, bytes, &total);
}

}  // namespace

void MemoryBlock::release(Napi::BasicEnv env) {
  if (!block.data) return;
  device->allocator.free(block);
  block.data = nullptr;
  device.reset();  // nothing else may hold what a capture allocated
  report(env, -static_cast<int64_t>(bytes));
}

Napi::Value WrapMemory(Napi::Env env, std::shared_ptr<DeviceMemory> device, Block memory, size_t bytes) {
  auto* block = new MemoryBlock{std::move(device), memory, bytes};
  report(env, static_cast<int64_t>(bytes));
  auto external = Napi::External<MemoryBlock>::New(env, block, [](Napi::BasicEnv env, MemoryBlock* block) {
    block->release(env);
    delete block;
  });
  external.TypeTag(&kMemoryTag);
  return external;
}

MemoryBlock& UnwrapMemory(Napi::Env env, Napi::Value value) {
  if (!value.IsExternal() || !value.As<Napi::External<MemoryBlock>>().CheckTypeTag(&kMemoryTag)) {
    throw Napi::TypeError::New(env, "internal: a memory handle was expected");
  }
  MemoryBlock* block = value.As<Napi::External<MemoryBlock>>().Data();
  if (!block->data()) throw Napi::Error::New(env, "internal: this memory has been released");
  return *block;
}

}  // namespace ocelli
