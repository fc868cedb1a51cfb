// The addon's state, one per environment (the main thread and each worker_thread have their own), and its functions.
// The types on the other side: packages/ops/src/core/native.ts.
#include <napi.h>

#include <cstdio>
#include <cstring>
#include <memory>

#include "../runtime/allocator.h"
#include "../runtime/file_reads.h"
#include "../runtime/kernels.h"
#include "../runtime/queue.h"
#include "../runtime/staging.h"
#include "completion.h"
#include "memory_handle.h"

namespace ocelli {

class Addon : public Napi::Addon<Addon> {
 public:
  Addon(Napi::Env env, Napi::Object exports)
      : table_(choose(env)),
        device_(std::make_shared<DeviceMemory>(Allocator::Kind::real)),
        planned_(std::make_shared<DeviceMemory>(Allocator::Kind::planned)),
        completions_(env) {
    // Registered after the completions' thread-safe function, so it runs before that one goes: the queue's thread must
    // not call into it any more.
    env.AddCleanupHook([queue = queue_, device = device_] {
      queue->stop();
      device->closed = true;
    });
    Napi::Array kernels = Napi::Array::New(env);
    for (const KernelEntry* entry = table_.entries; entry->name; entry++) {
      Napi::Object kernel = Napi::Object::New(env);
      kernel.Set("name", entry->name);
      kernel.Set("tensors", entry->tensors);
      kernel.Set("scalars", entry->scalars);
      kernels.Set(kernel_count_++, kernel);
    }
    Napi::Array isas = Napi::Array::New(env);
    for (const KernelTable* table : supported_tables()) isas.Set(isas.Length(), Napi::String::New(env, table->isa));
    DefineAddon(exports, {InstanceValue("kernels", kernels),
                          InstanceValue("isa", Napi::String::New(env, table_.isa)),
                          InstanceValue("supportedIsas", isas),
                          InstanceValue("vectorWidth", Napi::Number::New(env, table_.vector_width)),
                          InstanceValue("panelWidth", Napi::Number::New(env, table_.panel_width)),
                          InstanceMethod("allocate", &Addon::Allocate),
                          InstanceMethod("release", &Addon::Release),
                          InstanceMethod("run", &Addon::Run),
                          InstanceMethod("write", &Addon::Write),
                          InstanceMethod("read", &Addon::Read),
                          InstanceMethod("readFile", &Addon::ReadFile),
                          InstanceMethod("synchronize", &Addon::Synchronize),
                          InstanceMethod("startProfile", &Addon::StartProfile),
                          InstanceMethod("stopProfile", &Addon::StopProfile),
                          InstanceMethod("memory", &Addon::Statistics),
                          InstanceMethod("resetPeak", &Addon::ResetPeak),
                          InstanceMethod("setPlanning", &Addon::SetPlanning),
                          InstanceMethod("emptyCache", &Addon::EmptyCache),
                          InstanceMethod("threads", &Addon::Threads),
                          InstanceMethod("setThreads", &Addon::SetThreads)});
  }

 private:
  static const KernelTable& choose(Napi::Env env) {
    try {
      return choose_table();
    } catch (const std::exception& error) {
      throw Napi::Error::New(env, error.what());
    }
  }

  static size_t SizeArgument(const Napi::CallbackInfo& info, size_t index, const char* name) {
    const double value = info[index].IsNumber() ? info[index].As<Napi::Number>().DoubleValue() : -1;
    if (!(value >= 0 && value <= 9007199254740991.0)) {
      throw Napi::TypeError::New(info.Env(), std::string("internal: ") + name + " must be a number >= 0");
    }
    return static_cast<size_t>(value);
  }

  // The bytes [offset, offset + bytes) of a handle's memory; throws where they do not exist.
  static char* Range(Napi::Env env, const MemoryBlock& block, size_t offset, size_t bytes) {
    if (offset > block.bytes || bytes > block.bytes - offset) {
      throw Napi::RangeError::New(env, "internal: bytes " + std::to_string(offset) + " to " +
                                           std::to_string(offset + bytes) + " lie outside of a memory block of " +
                                           std::to_string(block.bytes));
    }
    return static_cast<char*>(block.data()) + offset;
  }

  // The block behind a handle; that of a dry run has no memory and only serves in dry runs.
  MemoryBlock& Memory(Napi::Env env, Napi::Value value) const {
    MemoryBlock& block = UnwrapMemory(env, value);
    if (!planning_ && block.device == planned_) {
      throw Napi::Error::New(env, "[dry run] a tensor of a dry run has no values; make it again outside of the run");
    }
    return block;
  }

  Napi::Value Allocate(const Napi::CallbackInfo& info) {
    const size_t bytes = SizeArgument(info, 0, "bytes");
    if (planning_) return WrapMemory(info.Env(), planned_, planned_->allocator.allocate(bytes), bytes);
    Block block = device_->allocator.allocate(bytes);
    if (!block.data) {
      // The one place that waits: queued kernels may still use cached blocks, and the system has nothing left.
      queue_->drain();
      device_->allocator.release_cache();
      block = device_->allocator.allocate(bytes);
    }
    if (!block.data) {
      throw Napi::RangeError::New(info.Env(), "[allocate] out of memory: " + std::to_string(bytes) + " bytes wanted, " +
                                                  std::to_string(device_->allocator.allocated()) + " in use");
    }
    return WrapMemory(info.Env(), device_, block, bytes);
  }

  void Release(const Napi::CallbackInfo& info) { UnwrapMemory(info.Env(), info[0]).release(info.Env()); }

  void Run(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const size_t index = SizeArgument(info, 0, "kernel");
    if (index >= kernel_count_ || !info[1].IsArray() || !info[2].IsArray() || !info[3].IsArray()) {
      throw Napi::TypeError::New(env, "internal: run takes a kernel, tensors, offsets and scalars");
    }
    const Napi::Array tensors = info[1].As<Napi::Array>(), offsets = info[2].As<Napi::Array>(),
                      scalars = info[3].As<Napi::Array>();
    KernelCommand command;
    command.entry = &table_.entries[index];
    if (static_cast<int>(tensors.Length()) != command.entry->tensors || offsets.Length() != tensors.Length() ||
        static_cast<int>(scalars.Length()) != command.entry->scalars) {
      throw Napi::TypeError::New(env, std::string("internal: wrong number of arguments for ") + command.entry->name);
    }
    for (uint32_t i = 0; i < tensors.Length(); i++) {
      const Napi::Value value = tensors.Get(i);
      if (value.IsNull()) {
        command.tensors[i] = nullptr;
        continue;
      }
      const MemoryBlock& block = Memory(env, value);
      const double offset = offsets.Get(i).ToNumber().DoubleValue();
      command.tensors[i] = Range(env, block, offset >= 0 ? static_cast<size_t>(offset) : SIZE_MAX, 0);
    }
    for (uint32_t i = 0; i < scalars.Length(); i++) command.scalars[i] = scalars.Get(i).ToNumber().DoubleValue();
    if (!planning_) queue_->push(command);
  }

  void Write(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const MemoryBlock& block = Memory(env, info[0]);
    if (!info[2].IsTypedArray()) throw Napi::TypeError::New(env, "internal: write takes a typed array");
    const Napi::TypedArray source = info[2].As<Napi::TypedArray>();
    const size_t bytes = source.ByteLength();
    char* to = Range(env, block, SizeArgument(info, 1, "offset"), bytes);
    if (planning_) return;
    const Staging::Part copy = staging_.take(bytes);
    std::memcpy(copy.data(), static_cast<const char*>(source.ArrayBuffer().Data()) + source.ByteOffset(), bytes);
    queue_->push("write", [to, copy, bytes] {
      std::memcpy(to, copy.data(), bytes);
      copy.give_back();
    });
  }

  Napi::Value Read(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const MemoryBlock& block = Memory(env, info[0]);
    if (planning_) throw Napi::Error::New(env, "[read] a dry run computes nothing; read values outside of it");
    const size_t bytes = SizeArgument(info, 2, "bytes");
    const char* from = Range(env, block, SizeArgument(info, 1, "offset"), bytes);
    Napi::ArrayBuffer target = Napi::ArrayBuffer::New(env, bytes);
    char* to = static_cast<char*>(target.Data());
    queue_->push("read", [from, to, bytes] { std::memcpy(to, from, bytes); });
    return Wait(env, target);
  }

  void ReadFile(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const MemoryBlock& block = Memory(env, info[0]);
    const size_t position = SizeArgument(info, 3, "file offset"), bytes = SizeArgument(info, 4, "bytes");
    char* to = Range(env, block, SizeArgument(info, 1, "offset"), bytes);
    const std::string path = info[2].ToString().Utf8Value();
    if (planning_) return;
    queue_->push("read file", reads_->announce(path, position, bytes, to));
  }

  Napi::Value Synchronize(const Napi::CallbackInfo& info) { return Wait(info.Env(), info.Env().Undefined()); }

  // A promise of `value` that settles when everything queued so far has run.
  Napi::Value Wait(Napi::Env env, Napi::Value value) {
    Completion* completion = completions_.begin(env, value);
    const Napi::Value promise = completion->deferred.Promise();
    queue_->push_wait([this, completion](std::string error) { completions_.finish(completion, std::move(error)); });
    return promise;
  }

  void StartProfile(const Napi::CallbackInfo&) { queue_->start_profile(); }

  Napi::Value StopProfile(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    Napi::Array rows = Napi::Array::New(env);
    for (const auto& [key, time] : queue_->stop_profile()) {
      Napi::Object row = Napi::Object::New(env);
      Napi::Array scalars = Napi::Array::New(env);
      for (double scalar : key.second) scalars.Set(scalars.Length(), scalar);
      row.Set("kernel", key.first);
      row.Set("scalars", scalars);
      row.Set("calls", static_cast<double>(time.calls));
      row.Set("milliseconds", static_cast<double>(time.nanoseconds) / 1e6);
      rows.Set(rows.Length(), row);
    }
    return rows;
  }

  // In a dry run, what is really there and what the run would add to it.
  Napi::Value Statistics(const Napi::CallbackInfo& info) {
    const Allocator& allocator = (planning_ ? planned_ : device_)->allocator;
    const size_t base = planning_ ? device_->allocator.allocated() : 0;
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("allocated", static_cast<double>(base + allocator.allocated()));
    result.Set("cached", static_cast<double>(allocator.cached()));
    result.Set("peak", static_cast<double>(base + allocator.peak()));
    result.Set("systemAllocations",
               static_cast<double>(allocator.system_allocations() + (planning_ ? 0 : staging_.system_allocations())));
    return result;
  }

  void ResetPeak(const Napi::CallbackInfo&) { (planning_ ? planned_ : device_)->allocator.reset_peak(); }

  // While on, memory is counted and not allocated, and kernels, writes and reads of files do nothing.
  void SetPlanning(const Napi::CallbackInfo& info) {
    planning_ = info[0].ToBoolean();
    // A plan does not depend on the plans before it.
    if (planning_) planned_->allocator.release_cache();
  }

  void EmptyCache(const Napi::CallbackInfo&) {
    queue_->drain();
    device_->allocator.release_cache();
  }

  Napi::Value Threads(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), ThreadPool::shared().threads());
  }

  void SetThreads(const Napi::CallbackInfo& info) {
    const int count = static_cast<int>(SizeArgument(info, 0, "threads"));
    queue_->push("set threads", [count] { ThreadPool::shared().set_threads(count); });
    queue_->drain();
  }

  const KernelTable& table_;
  uint32_t kernel_count_ = 0;
  std::shared_ptr<DeviceMemory> device_, planned_;
  bool planning_ = false;
  Staging staging_;
  std::shared_ptr<FileReads> reads_ = std::make_shared<FileReads>();
  Completions completions_;
  std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
};

}  // namespace ocelli

using ocelli::Addon;
NODE_API_ADDON(Addon)
