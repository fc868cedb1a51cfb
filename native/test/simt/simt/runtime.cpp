#include "runtime.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

struct SimtGraph {
  std::vector<std::function<void()>> work;
};

struct SimtStream {
  struct Copy {
    char* to;
    const char* from;
    size_t bytes;
  };
  int device;
  std::vector<Copy> late;  // copies that have not been done
  uint64_t done = 0;       // copies that have been
  std::unique_ptr<SimtGraph> captured;
};

struct SimtEvent {
  cudaStream_t stream = nullptr;
  uint64_t copies = 0;  // of the stream, that come before it
  bool asked = false;
};

namespace simt {
namespace {

constexpr int kVersion = 13000, kCapability = 80;

uint64_t setting(const char* name, uint64_t otherwise) {
  const char* text = getenv(name);
  return text && *text ? strtoull(text, nullptr, 10) : otherwise;
}

[[noreturn]] void fail(const char* call, const std::string& message) {
  fprintf(stderr, "simt: %s: %s\n", call, message.c_str());
  abort();
}

struct Memory {
  size_t bytes;
  int device;  // -1: pinned memory of the host
};

struct Machine {
  std::mutex mutex;  // of all that follows
  std::map<const char*, Memory> blocks;
  std::map<int, size_t> used;
  std::map<int, uint64_t> launches;
  std::set<cudaStream_t> streams;
};

Machine& machine() {
  static Machine machine;
  return machine;
}

thread_local cudaError_t last = cudaSuccess;
thread_local int selected = 0;

cudaError_t result(cudaError_t error) {
  if (error != cudaSuccess && error != cudaErrorNotReady) last = error;
  return error;
}

bool is_lost(int device) { return machine().launches[device] > setting("SIMT_LOST_AFTER", UINT64_MAX - 1); }

// The block that an address lies in; null for other memory of the host.
const std::pair<const char* const, Memory>* block_of(const void* at) {
  const auto& blocks = machine().blocks;
  auto found = blocks.upper_bound(static_cast<const char*>(at));
  if (found == blocks.begin()) return nullptr;
  found = std::prev(found);
  return found->first + found->second.bytes > at ? &*found : nullptr;
}

void expect_inside(const char* call, const void* at, size_t bytes, int device) {
  const auto* block = block_of(at);
  if (!block || block->second.device != device)
    fail(call, device < 0 ? "not the host's memory" : "not memory of the stream's device, or released");
  if (static_cast<const char*>(at) + bytes > block->first + block->second.bytes)
    fail(call, std::to_string(bytes) + " bytes lead beyond a block of " + std::to_string(block->second.bytes));
}

void expect_host(const char* call, const void* at, size_t bytes) {
  const auto* block = block_of(at);
  if (block) expect_inside(call, at, bytes, -1);
}

// Does the stream's late copies up to this one.
void catch_up(cudaStream_t stream, uint64_t until = UINT64_MAX) {
  size_t count = 0;
  for (const SimtStream::Copy& copy : stream->late) {
    if (stream->done == until) break;
    memcpy(copy.to, copy.from, copy.bytes);
    stream->done++;
    count++;
  }
  stream->late.erase(stream->late.begin(), stream->late.begin() + static_cast<std::ptrdiff_t>(count));
}

// Every call on a stream begins with this one.
cudaError_t enter(const char* call, cudaStream_t stream) {
  if (machine().streams.count(stream) == 0) fail(call, "no such stream");
  if (stream->captured) fail(call, "the stream captures");
  if (!is_lost(stream->device)) return cudaSuccess;
  stream->late.clear();
  return cudaErrorIllegalAddress;
}

cudaError_t allocate(void** to, size_t bytes, int device) {
  if (posix_memalign(to, 256, bytes ? bytes : 1) != 0) return cudaErrorMemoryAllocation;
  if (!is_dry()) memset(*to, 0xff, bytes);  // NaN: nothing may count on zeros
  machine().blocks[static_cast<const char*>(*to)] = {bytes, device};
  machine().used[device] += bytes;
  return cudaSuccess;
}

void release(const char* call, void* memory, int device) {
  auto& blocks = machine().blocks;
  const auto found = blocks.find(static_cast<const char*>(memory));
  if (found == blocks.end() || found->second.device != device) fail(call, "this memory is not allocated");
  if (!is_dry()) memset(memory, 0xff, found->second.bytes);
  machine().used[device] -= found->second.bytes;
  blocks.erase(found);
  free(memory);
}

}  // namespace

// Whether a launch on this stream may run now.
static bool begin_launch(cudaStream_t stream) {
  const std::lock_guard<std::mutex> lock(machine().mutex);
  machine().launches[stream->device]++;
  last = enter("launch", stream);
  if (last != cudaSuccess) return false;
  catch_up(stream);
  return true;
}

void start(cudaStream_t stream, std::function<void()> work) {
  if (stream && stream->captured) stream->captured->work.push_back(std::move(work));
  else if (!stream || begin_launch(stream)) work();
}

bool has_kernels() { return setting("SIMT_CAPABILITY", kCapability) >= kCapability; }

}  // namespace simt

using namespace simt;
using Lock = std::lock_guard<std::mutex>;

cudaError_t cudaGetLastError() { return std::exchange(last, cudaSuccess); }

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess: return "no error";
    case cudaErrorMemoryAllocation: return "out of memory";
    case cudaErrorInsufficientDriver: return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorNoDevice: return "no CUDA-capable device is detected";
    case cudaErrorInvalidDevice: return "invalid device ordinal";
    case cudaErrorNoKernelImageForDevice: return "no kernel image is available for execution on the device";
    case cudaErrorNotReady: return "device not ready";
    case cudaErrorIllegalAddress: return "an illegal memory access was encountered";
    default: return "invalid argument";
  }
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = static_cast<int>(setting("SIMT_DRIVER", kVersion));
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = kVersion;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 0;
  if (setting("SIMT_DRIVER", kVersion) < kVersion) return result(cudaErrorInsufficientDriver);
  *count = static_cast<int>(setting("SIMT_DEVICES", 1));
  return *count > 0 ? cudaSuccess : result(cudaErrorNoDevice);
}
cudaError_t cudaSetDevice(int index) {
  int count;
  if (cudaGetDeviceCount(&count) != cudaSuccess) return last;
  if (index < 0 || index >= count) return result(cudaErrorInvalidDevice);
  selected = index;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  strcpy(properties->name, "executor on the host");
  return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int) {
  const int capability = static_cast<int>(setting("SIMT_CAPABILITY", kCapability));
  switch (attribute) {
    case cudaDevAttrMultiProcessorCount: *value = static_cast<int>(setting("SIMT_MULTIPROCESSORS", 4)); break;
    case cudaDevAttrComputeCapabilityMajor: *value = capability / 10; break;
    case cudaDevAttrComputeCapabilityMinor: *value = capability % 10; break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin: *value = 163 * 1024; break;
  }
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  const Lock lock(machine().mutex);
  if (is_lost(selected)) return result(cudaErrorIllegalAddress);
  *stream = new SimtStream{selected, {}, 0, nullptr};
  machine().streams.insert(*stream);
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const Lock lock(machine().mutex);
  const cudaError_t entered = enter("cudaStreamDestroy", stream);
  catch_up(stream);
  machine().streams.erase(stream);
  delete stream;
  return result(entered);
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  const Lock lock(machine().mutex);
  const cudaError_t entered = enter("cudaStreamSynchronize", stream);
  if (entered == cudaSuccess) catch_up(stream);
  return result(entered);
}
cudaError_t cudaStreamQuery(cudaStream_t stream) {
  const Lock lock(machine().mutex);
  const cudaError_t entered = enter("cudaStreamQuery", stream);
  if (entered != cudaSuccess) return result(entered);
  return stream->late.empty() ? cudaSuccess : cudaErrorNotReady;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new SimtEvent;
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  const Lock lock(machine().mutex);
  const cudaError_t entered = enter("cudaEventRecord", stream);
  if (entered == cudaSuccess) *event = {stream, stream->done + stream->late.size(), false};
  return result(entered);
}
// Says no once to whoever does not wait.
cudaError_t cudaEventQuery(cudaEvent_t event) {
  const Lock lock(machine().mutex);
  const cudaError_t entered = enter("cudaEventQuery", event->stream);
  if (entered != cudaSuccess) return result(entered);
  if (event->stream->done < event->copies && !std::exchange(event->asked, true)) return cudaErrorNotReady;
  catch_up(event->stream, event->copies);
  return cudaSuccess;
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int) {
  *pool = nullptr;
  return cudaSuccess;
}
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, cudaMemPoolAttr, void*) { return cudaSuccess; }
cudaError_t cudaMemPoolTrimTo(cudaMemPool_t, size_t) { return cudaSuccess; }

cudaError_t cudaMallocAsync(void** to, size_t bytes, cudaStream_t stream) {
  const Lock lock(machine().mutex);
  const cudaError_t entered = enter("cudaMallocAsync", stream);
  if (entered != cudaSuccess) return result(entered);
  if (machine().used[stream->device] + bytes > setting("SIMT_MEMORY", SIZE_MAX)) return result(cudaErrorMemoryAllocation);
  return result(allocate(to, bytes, stream->device));
}
cudaError_t cudaFreeAsync(void* memory, cudaStream_t stream) {
  const Lock lock(machine().mutex);
  const cudaError_t entered = enter("cudaFreeAsync", stream);
  catch_up(stream);
  release("cudaFreeAsync", memory, stream->device);
  return result(entered);
}
cudaError_t cudaHostAlloc(void** to, size_t bytes, unsigned) {
  const Lock lock(machine().mutex);
  return result(allocate(to, bytes, -1));
}
cudaError_t cudaFreeHost(void* memory) {
  const Lock lock(machine().mutex);
  for (const cudaStream_t stream : machine().streams)
    for (const SimtStream::Copy& copy : stream->late) {
      const auto* block = block_of(copy.from);
      if (block && block->first == memory) fail("cudaFreeHost", "a copy still reads this memory");
    }
  release("cudaFreeHost", memory, -1);
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  constexpr const char* kCall = "cudaMemcpyAsync";
  const Lock lock(machine().mutex);
  if (stream->captured) {
    if (kind != cudaMemcpyDeviceToDevice) fail(kCall, "the stream captures, and the host's memory may be gone later");
    const int device = stream->device;
    stream->captured->work.push_back([=] {
      const Lock lock(machine().mutex);
      expect_inside(kCall, to, bytes, device);
      expect_inside(kCall, from, bytes, device);
      memcpy(to, from, bytes);
    });
    return cudaSuccess;
  }
  const cudaError_t entered = enter(kCall, stream);
  if (entered != cudaSuccess) return result(entered);
  if (bytes == 0) return cudaSuccess;
  if (kind == cudaMemcpyDeviceToHost) expect_host(kCall, to, bytes);
  else expect_inside(kCall, to, bytes, stream->device);
  if (kind == cudaMemcpyHostToDevice) expect_host(kCall, from, bytes);
  else expect_inside(kCall, from, bytes, stream->device);
  if (kind == cudaMemcpyHostToDevice && block_of(from)) {
    stream->late.push_back({static_cast<char*>(to), static_cast<const char*>(from), bytes});
    return cudaSuccess;
  }
  catch_up(stream);
  memcpy(to, from, bytes);
  return cudaSuccess;
}
cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t stream) {
  const Lock lock(machine().mutex);
  if (stream->captured) {
    const int device = stream->device;
    stream->captured->work.push_back([=] {
      const Lock lock(machine().mutex);
      expect_inside("cudaMemsetAsync", to, bytes, device);
      memset(to, value, bytes);
    });
    return cudaSuccess;
  }
  const cudaError_t entered = enter("cudaMemsetAsync", stream);
  if (entered != cudaSuccess) return result(entered);
  catch_up(stream);
  expect_inside("cudaMemsetAsync", to, bytes, stream->device);
  memset(to, value, bytes);
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  const Lock lock(machine().mutex);
  const cudaError_t entered = enter("cudaStreamBeginCapture", stream);
  if (entered == cudaSuccess) stream->captured = std::make_unique<SimtGraph>();
  return result(entered);
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  const Lock lock(machine().mutex);
  if (!stream->captured) fail("cudaStreamEndCapture", "the stream captures nothing");
  *graph = stream->captured.release();
  return result(is_lost(stream->device) ? cudaErrorIllegalAddress : cudaSuccess);
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  *executable = new SimtGraph(*graph);
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  if (!begin_launch(stream)) return last;
  for (const auto& work : executable->work) work();
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}
