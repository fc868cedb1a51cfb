#pragma once
// Tests of the executor's runtime: what the calls do, and that each misuse ends the process.
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "sample_kernels.cuh"

namespace runtime_test {

struct Fixture {
  cudaStream_t stream;
  void *device = nullptr, *host = nullptr;
  Fixture() {
    cudaSetDevice(0);
    cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
    cudaMallocAsync(&device, 64, stream);
    cudaHostAlloc(&host, 64, cudaHostAllocDefault);
  }
  ~Fixture() {
    cudaFreeAsync(device, stream);
    cudaStreamDestroy(stream);
    cudaFreeHost(host);
  }
  float* pinned() { return static_cast<float*>(host); }
  float read() {
    float value;
    cudaMemcpyAsync(&value, device, 4, cudaMemcpyDeviceToHost, stream);
    return value;
  }
};

struct Misuse {
  const char* name;
  const char* message;
  std::function<void(Fixture&)> act;
};
const Misuse misuses[] = {
    {"wrong-free", "cudaFreeAsync: this memory is not allocated", [](Fixture& it) { cudaFreeAsync(it.host, it.stream); }},
    {"free-twice", "cudaFreeAsync: this memory is not allocated",
     [](Fixture& it) {
       cudaFreeAsync(it.device, it.stream);
       cudaFreeAsync(it.device, it.stream);
     }},
    {"copy-beyond", "cudaMemcpyAsync: 68 bytes lead beyond a block of 64",
     [](Fixture& it) {
       const std::vector<char> bytes(68);
       cudaMemcpyAsync(it.device, bytes.data(), 68, cudaMemcpyHostToDevice, it.stream);
     }},
    {"use-of-released", "cudaMemsetAsync: not memory of the stream's device, or released",
     [](Fixture& it) {
       cudaFreeAsync(it.device, it.stream);
       cudaMemsetAsync(it.device, 0, 4, it.stream);
     }},
    {"host-for-device", "cudaMemcpyAsync: not memory of the stream's device, or released",
     [](Fixture& it) { cudaMemcpyAsync(it.host, it.pinned(), 4, cudaMemcpyHostToDevice, it.stream); }},
    {"pinned-too-early", "cudaFreeHost: a copy still reads this memory",
     [](Fixture& it) {
       cudaMemcpyAsync(it.device, it.host, 64, cudaMemcpyHostToDevice, it.stream);
       cudaFreeHost(it.host);
     }},
    {"wait-in-capture", "cudaStreamSynchronize: the stream captures",
     [](Fixture& it) {
       cudaStreamBeginCapture(it.stream, cudaStreamCaptureModeRelaxed);
       cudaStreamSynchronize(it.stream);
     }},
    {"memory-in-capture", "cudaMallocAsync: the stream captures",
     [](Fixture& it) {
       void* memory;
       cudaStreamBeginCapture(it.stream, cudaStreamCaptureModeRelaxed);
       cudaMallocAsync(&memory, 64, it.stream);
     }},
    {"host-copy-in-capture", "cudaMemcpyAsync: the stream captures, and the host's memory may be gone later",
     [](Fixture& it) {
       cudaStreamBeginCapture(it.stream, cudaStreamCaptureModeRelaxed);
       cudaMemcpyAsync(it.device, it.host, 64, cudaMemcpyHostToDevice, it.stream);
     }},
};

inline void run(const std::function<void(bool, const std::string&)>& check) {
  Fixture it;
  check(!(it.read() == 0), "fresh memory is not zero");
  // A copy from pinned memory sees what is in there when it is done, which is late.
  it.pinned()[0] = 1;
  cudaMemcpyAsync(it.device, it.host, 4, cudaMemcpyHostToDevice, it.stream);
  it.pinned()[0] = 2;
  check(cudaStreamQuery(it.stream) == cudaErrorNotReady, "the copy is under way");
  check(it.read() == 2, "pinned memory that is written too early shows");
  cudaEvent_t event;
  cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
  it.pinned()[0] = 3;
  cudaMemcpyAsync(it.device, it.host, 4, cudaMemcpyHostToDevice, it.stream);
  cudaEventRecord(event, it.stream);
  check(cudaEventQuery(event) == cudaErrorNotReady && cudaEventQuery(event) == cudaSuccess, "an event waits for the copies before it");
  it.pinned()[0] = 4;
  check(it.read() == 3, "and not for longer");
  cudaEventDestroy(event);
  // A kernel sees what was copied before it.
  cudaMemcpyAsync(it.device, it.host, 4, cudaMemcpyHostToDevice, it.stream);
  float out[32];
  OCELLI_LAUNCH(sample::copy_words, dim3(1), dim3(32), 32 * 4, it.stream, 1, static_cast<const float*>(it.device), out);
  check(out[31] == 4, "a launch comes after the copies");

  setenv("SIMT_MEMORY", "128", 1);
  void* more = nullptr;
  check(cudaMallocAsync(&more, 65, it.stream) == cudaErrorMemoryAllocation && cudaGetLastError() == cudaErrorMemoryAllocation &&
            cudaGetLastError() == cudaSuccess,
        "memory ends where SIMT_MEMORY says");
  check(cudaMallocAsync(&more, 64, it.stream) == cudaSuccess && cudaFreeAsync(more, it.stream) == cudaSuccess, "and what fits is given");
  unsetenv("SIMT_MEMORY");

  setenv("SIMT_DEVICES", "2", 1);
  int count = 0;
  check(cudaGetDeviceCount(&count) == cudaSuccess && count == 2 && cudaSetDevice(1) == cudaSuccess && cudaSetDevice(2) == cudaErrorInvalidDevice,
        "two devices");
  unsetenv("SIMT_DEVICES");
  cudaSetDevice(0);

  setenv("SIMT_LOST_AFTER", "0", 1);
  out[31] = 0;
  OCELLI_LAUNCH(sample::copy_words, dim3(1), dim3(32), 32 * 4, it.stream, 1, static_cast<const float*>(it.device), out);
  check(out[31] == 0 && cudaGetLastError() == cudaErrorIllegalAddress && cudaStreamSynchronize(it.stream) == cudaErrorIllegalAddress,
        "a lost device runs nothing");
  unsetenv("SIMT_LOST_AFTER");
}

// Ends the process, with the message.
inline void misuse(const std::string& name) {
  for (const Misuse& one : misuses) {
    if (one.name != name) continue;
    Fixture it;
    one.act(it);
  }
}

}  // namespace runtime_test
