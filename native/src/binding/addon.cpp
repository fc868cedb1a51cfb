// A device and its functions; the main thread and each worker_thread open their own. The types on the other side:
// packages/ops/src/core/native.ts.
#include <napi.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>

#include "../runtime/allocator.h"
#include "../runtime/device.h"
#include "../runtime/file_reads.h"
#include "../runtime/queue.h"
#include "../runtime/staging.h"
#include "capture_handle.h"
#include "completion.h"
#include "memory_handle.h"

namespace ocelli {

class DeviceObject : public Napi::ObjectWrap<DeviceObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "Device", {InstanceMethod("allocate", &DeviceObject::Allocate),
                                       InstanceMethod("release", &DeviceObject::Release),
                                       InstanceMethod("run", &DeviceObject::Run),
                                       InstanceMethod("beginCapture", &DeviceObject::BeginCapture),
                                       InstanceMethod("endCapture", &DeviceObject::EndCapture),
                                       InstanceMethod("replay", &DeviceObject::Replay),
                                       InstanceMethod("releaseCapture", &DeviceObject::ReleaseCapture),
                                       InstanceMethod("write", &DeviceObject::Write),
                                       InstanceMethod("read", &DeviceObject::Read),
                                       InstanceMethod("readFile", &DeviceObject::ReadFile),
                                       InstanceMethod("synchronize", &DeviceObject::Synchronize),
                                       InstanceMethod("startProfile", &DeviceObject::StartProfile),
                                       InstanceMethod("stopProfile", &DeviceObject::StopProfile),
                                       InstanceMethod("memory", &DeviceObject::Statistics),
                                       InstanceMethod("resetPeak", &DeviceObject::ResetPeak),
                                       InstanceMethod("setPlanning", &DeviceObject::SetPlanning),
                                       InstanceMethod("emptyCache", &DeviceObject::EmptyCache),
                                       InstanceMethod("threads", &DeviceObject::Threads),
                                       InstanceMethod("setThreads", &DeviceObject::SetThreads),
                                       InstanceMethod("setPrecision", &DeviceObject::SetPrecision)});
  }

  // new Device(index)
  explicit DeviceObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<DeviceObject>(info),
        device_(open(info.Env(), static_cast<int>(SizeArgument(info, 0, "index")))),
        table_(device_->table()),
        memory_(std::make_shared<DeviceMemory>(device_)),
        planned_(std::make_shared<DeviceMemory>(std::shared_ptr<Device>())),
        staging_(device_),
        file_staging_(device_),
        completions_(info.Env()),
        queue_(std::make_shared<Queue>(device_)) {
    Napi::Env env = info.Env();
    // Registered after the completions' thread-safe function, so it runs before that one goes: the queue's thread must
    // not call into it any more.
    env.AddCleanupHook([queue = queue_, memory = memory_] {
      queue->stop();
      memory->closed = true;
    });
    Napi::Array kernels = Napi::Array::New(env);
    for (const KernelEntry* entry = table_.entries; entry->name; entry++) {
      Napi::Object kernel = Napi::Object::New(env);
      kernel.Set("name", entry->name);
      kernel.Set("tensors", entry->tensors);
      kernel.Set("scalars", entry->scalars);
      kernels.Set(kernel_count_++, kernel);
    }
    Napi::Object self = info.This().As<Napi::Object>();
    self.Set("kernels", kernels);
    self.Set("isa", table_.isa);
    self.Set("vectorWidth", table_.vector_width);
    self.Set("panelWidth", table_.panel_width);
    self.Set("depthMultiple", table_.depth_multiple);
  }

 private:
  static std::shared_ptr<Device> open(Napi::Env env, int index) {
    try {
      return open_device(index);
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

  // Takes back the memory of captures that no capture and no tensor has any more; queued commands may still use it, and
  // whoever gets it next queues behind them.
  void forget_captures() {
    captured_.erase(std::remove_if(captured_.begin(), captured_.end(), [](const auto& memory) { return memory.use_count() == 1; }),
                    captured_.end());
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
    const bool lasts = info[1].ToBoolean();  // beyond the calls of a capture that is on
    const std::shared_ptr<DeviceMemory> memory = capture_ && !lasts ? captured_.back() : memory_;
    Block block = {nullptr, 0};
    try {
      block = memory->allocator.allocate(bytes);
      if (!block.data) {
        // The one place that waits: queued kernels may still use cached blocks, and the system has nothing left.
        queue_->drain();
        forget_captures();
        memory_->allocator.release_cache();
        block = memory->allocator.allocate(bytes);
      }
    } catch (const std::exception& error) {
      throw Napi::Error::New(info.Env(), std::string("[allocate] ") + error.what());
    }
    if (!block.data) {
      throw Napi::RangeError::New(info.Env(), "[allocate] out of memory: " + std::to_string(bytes) + " bytes wanted, " +
                                                  std::to_string(memory_->allocator.allocated()) + " in use");
    }
    return WrapMemory(info.Env(), memory, block, bytes);
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
    if (planning_) return;
    if (capture_) capture_->calls.push_back(command);
    queue_->push(command);
  }

  // From here to the end, kernel calls run and are kept to run again, and memory comes from a cache of their own.
  void BeginCapture(const Napi::CallbackInfo& info) {
    if (capture_ || planning_) throw Napi::Error::New(info.Env(), "internal: a capture or a dry run is on");
    forget_captures();
    capture_ = std::make_shared<Capture>();
    captured_.push_back(std::make_shared<DeviceMemory>(memory_));
    capture_->memory = captured_.back();
  }

  Napi::Value EndCapture(const Napi::CallbackInfo& info) {
    if (!capture_) throw Napi::Error::New(info.Env(), "internal: no capture is on");
    queue_->push("capture", [this, capture = capture_] {
      try {
        capture->replay = device_->prepare(capture->calls);
      } catch (const std::bad_alloc&) {  // one by one they need no more than the first time
        capture->replay = device_->Device::prepare(capture->calls);
      }
    });
    return WrapCapture(info.Env(), queue_, std::exchange(capture_, nullptr));
  }

  void Replay(const Napi::CallbackInfo& info) {
    const std::shared_ptr<Capture>& capture = UnwrapCapture(info.Env(), info[0]).capture;
    if (profiling_) {  // it wants to see each
      for (const KernelCommand& call : capture->calls) queue_->push(call);
      return;
    }
    queue_->push("replay", [capture] {
      if (!capture->replay) throw std::runtime_error("the capture has failed");
      capture->replay();
    });
  }

  void ReleaseCapture(const Napi::CallbackInfo& info) { UnwrapCapture(info.Env(), info[0]).release(); }

  void Write(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const MemoryBlock& block = Memory(env, info[0]);
    if (!info[2].IsTypedArray()) throw Napi::TypeError::New(env, "internal: write takes a typed array");
    const Napi::TypedArray source = info[2].As<Napi::TypedArray>();
    const size_t bytes = source.ByteLength();
    char* to = Range(env, block, SizeArgument(info, 1, "offset"), bytes);
    if (planning_) return;
    const Staging::Part copy = StagingPart(env, bytes);
    std::memcpy(copy.data(), static_cast<const char*>(source.ArrayBuffer().Data()) + source.ByteOffset(), bytes);
    queue_->push("write", [this, to, copy, bytes] {
      device_->copy_in(to, copy.data(), bytes, [copy] { copy.give_back(); });
    });
  }

  Staging::Part StagingPart(Napi::Env env, size_t bytes) {
    try {
      return staging_.take(bytes);
    } catch (const std::bad_alloc&) {
      throw Napi::RangeError::New(env, "[write] out of memory of the host: " + std::to_string(bytes) + " bytes to copy");
    }
  }

  Napi::Value Read(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const MemoryBlock& block = Memory(env, info[0]);
    if (planning_) throw Napi::Error::New(env, "[read] a dry run computes nothing; read values outside of it");
    const size_t bytes = SizeArgument(info, 2, "bytes");
    const char* from = Range(env, block, SizeArgument(info, 1, "offset"), bytes);
    Napi::ArrayBuffer target = Napi::ArrayBuffer::New(env, bytes);
    char* to = static_cast<char*>(target.Data());
    queue_->push("read", [this, from, to, bytes] { device_->copy_out(to, from, bytes); });
    return Wait(env, target);
  }

  void ReadFile(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const MemoryBlock& block = Memory(env, info[0]);
    const size_t position = SizeArgument(info, 3, "file offset"), bytes = SizeArgument(info, 4, "bytes");
    char* to = Range(env, block, SizeArgument(info, 1, "offset"), bytes);
    const std::string path = info[2].ToString().Utf8Value();
    if (planning_) return;
    if (capture_) throw Napi::Error::New(env, "[capture] files cannot be read inside; load weights before");
    const auto read = reads_->announce(path, position, bytes);
    if (device_->is_host()) return queue_->push("read file", [read, to, bytes] { read(0, bytes, to); });
    // The next piece is read while this one is copied.
    queue_->push("read file", [this, read, to, bytes] {
      for (size_t begin = 0; begin < bytes; begin += kFilePiece) {
        const size_t piece = std::min(kFilePiece, bytes - begin);
        const Staging::Part part = file_staging_.take(piece);
        read(begin, piece, part.data());
        device_->copy_in(to + begin, part.data(), piece, [part] { part.give_back(); });
      }
    });
  }

  Napi::Value Synchronize(const Napi::CallbackInfo& info) { return Wait(info.Env(), info.Env().Undefined()); }

  // A promise of `value` that settles when everything queued so far has run.
  Napi::Value Wait(Napi::Env env, Napi::Value value) {
    Completion* completion = completions_.begin(env, value);
    const Napi::Value promise = completion->deferred.Promise();
    queue_->push_wait([this, completion](std::string error) { completions_.finish(completion, std::move(error)); });
    return promise;
  }

  void StartProfile(const Napi::CallbackInfo&) {
    queue_->start_profile();
    profiling_ = true;
  }

  Napi::Value StopProfile(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    profiling_ = false;
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
    forget_captures();
    size_t allocated = memory_->allocator.allocated(), cached = memory_->allocator.cached(), peak = memory_->allocator.peak();
    uint64_t system_allocations = memory_->allocator.system_allocations() + staging_.system_allocations();
    for (const auto& memory : captured_) {  // lent by the device's cache
      allocated -= memory->allocator.cached();
      cached += memory->allocator.cached();
    }
    if (planning_) {
      peak = allocated + planned_->allocator.peak();
      allocated += planned_->allocator.allocated();
      cached = planned_->allocator.cached();
      system_allocations = planned_->allocator.system_allocations();
    }
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("allocated", static_cast<double>(allocated));
    result.Set("cached", static_cast<double>(cached));
    result.Set("peak", static_cast<double>(peak));
    result.Set("systemAllocations", static_cast<double>(system_allocations));
    return result;
  }

  void ResetPeak(const Napi::CallbackInfo&) { (planning_ ? planned_ : memory_)->allocator.reset_peak(); }

  // While on, memory is counted and not allocated, and kernels, writes and reads of files do nothing.
  void SetPlanning(const Napi::CallbackInfo& info) {
    planning_ = info[0].ToBoolean();
    // A plan does not depend on the plans before it.
    if (planning_) planned_->allocator.release_cache();
  }

  void EmptyCache(const Napi::CallbackInfo&) {
    queue_->drain();
    forget_captures();
    memory_->allocator.release_cache();
  }

  Napi::Value Threads(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), device_->threads()); }

  void SetThreads(const Napi::CallbackInfo& info) {
    const int count = static_cast<int>(SizeArgument(info, 0, "threads"));
    queue_->push("set threads", [this, count] { device_->set_threads(count); });
    queue_->drain();
  }

  void SetPrecision(const Napi::CallbackInfo& info) {
    const int precision = static_cast<int>(SizeArgument(info, 0, "precision"));
    queue_->drain();
    device_->set_precision(precision);
  }

  const std::shared_ptr<Device> device_;
  const KernelTable& table_;
  uint32_t kernel_count_ = 0;
  std::shared_ptr<DeviceMemory> memory_, planned_;
  std::shared_ptr<Capture> capture_;  // that is on
  std::vector<std::shared_ptr<DeviceMemory>> captured_;
  bool planning_ = false, profiling_ = false;
  Staging staging_;
  static constexpr size_t kFilePiece = size_t{4} << 20;
  Staging file_staging_;  // of the queue's thread
  std::shared_ptr<FileReads> reads_ = std::make_shared<FileReads>();
  Completions completions_;
  std::shared_ptr<Queue> queue_;
};

Napi::Array Names(Napi::Env env, const std::vector<std::string>& names) {
  Napi::Array array = Napi::Array::New(env);
  for (const std::string& name : names) array.Set(array.Length(), Napi::String::New(env, name));
  return array;
}

// What an environment sees of the addon: which devices of its kind the machine has, or why none, and the class.
Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  const DeviceCount devices = count_devices();
  std::vector<std::string> names;
  for (int i = 0; i < devices.count; i++) names.push_back(device_name(i));
  exports.Set("devices", Names(env, names));
  exports.Set("driver", devices.driver);
  exports.Set("reason", devices.reason);
  exports.Set("kernelSets", Names(env, kernel_sets()));
  exports.Set("Device", DeviceObject::Define(env));
  return exports;
}

}  // namespace ocelli

using ocelli::Initialize;
NODE_API_MODULE(ocelli, Initialize)
