#pragma once
// The calls of CUDA's runtime that src/cuda makes, for the executor: the device's memory is the host's, and work is done when
// the call that starts it returns. SIMT_DEVICES is the number of devices (1), SIMT_MEMORY what one has, in bytes.
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <unordered_map>

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInvalidDevice = 101,
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2, cudaMemcpyDeviceToDevice = 3 };
enum cudaDeviceAttr { cudaDevAttrMultiProcessorCount = 16, cudaDevAttrMaxSharedMemoryPerBlockOptin = 97 };
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize = 8 };
constexpr unsigned cudaStreamNonBlocking = 1;

struct SimtStream;
using cudaStream_t = SimtStream*;
struct cudaDeviceProp {
  char name[256];
};

namespace simt {

// What is allocated, so that memory runs out where SIMT_MEMORY says and a wrong release is an error.
class DeviceMemory {
 public:
  static DeviceMemory& shared() {
    static DeviceMemory memory;
    return memory;
  }
  cudaError_t allocate(void** to, size_t bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const char* limit = getenv("SIMT_MEMORY");
    if (limit && used_ + bytes > strtoull(limit, nullptr, 10)) return cudaErrorMemoryAllocation;
    if (posix_memalign(to, 256, bytes ? bytes : 1) != 0) return cudaErrorMemoryAllocation;
    memset(*to, 0xff, bytes);  // NaN: nothing may count on zeros
    blocks_[*to] = bytes;
    used_ += bytes;
    return cudaSuccess;
  }
  cudaError_t release(void* memory) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = blocks_.find(memory);
    if (found == blocks_.end()) return memory ? cudaErrorInvalidValue : cudaSuccess;
    used_ -= found->second;
    blocks_.erase(found);
    free(memory);
    return cudaSuccess;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<void*, size_t> blocks_;
  size_t used_ = 0;
};

}  // namespace simt

inline cudaError_t cudaGetLastError() { return cudaSuccess; }
inline const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaErrorMemoryAllocation ? "out of memory"
         : error == cudaErrorInvalidDevice  ? "invalid device ordinal"
                                            : "invalid argument";
}
inline cudaError_t cudaGetDeviceCount(int* count) {
  const char* wanted = getenv("SIMT_DEVICES");
  *count = wanted ? atoi(wanted) : 1;
  return cudaSuccess;
}
inline cudaError_t cudaSetDevice(int index) {
  int count;
  cudaGetDeviceCount(&count);
  return index >= 0 && index < count ? cudaSuccess : cudaErrorInvalidDevice;
}
inline cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  strcpy(properties->name, "executor on the host");
  return cudaSuccess;
}
inline cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int) {
  *value = attribute == cudaDevAttrMultiProcessorCount ? 4 : 163 * 1024;
  return cudaSuccess;
}
template <class Function>
cudaError_t cudaFuncSetAttribute(Function*, cudaFuncAttribute, int) {
  return cudaSuccess;
}
inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = nullptr;
  return cudaSuccess;
}
inline cudaError_t cudaStreamDestroy(cudaStream_t) { return cudaSuccess; }
inline cudaError_t cudaStreamSynchronize(cudaStream_t) { return cudaSuccess; }
inline cudaError_t cudaMallocAsync(void** to, size_t bytes, cudaStream_t) {
  return simt::DeviceMemory::shared().allocate(to, bytes);
}
inline cudaError_t cudaFreeAsync(void* memory, cudaStream_t) { return simt::DeviceMemory::shared().release(memory); }
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind, cudaStream_t) {
  memcpy(to, from, bytes);
  return cudaSuccess;
}
inline cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t) {
  memset(to, value, bytes);
  return cudaSuccess;
}
