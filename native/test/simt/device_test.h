#pragma once
// Tests of src/cuda/device on the executor: what a kernel's host function gets of its stream, and when a copy's memory is
// given back.
#include <cstdlib>
#include <functional>
#include <new>
#include <string>

#include "../../src/cuda/device/copies.h"
#include "../../src/cuda/device/graph.h"
#include "../../src/cuda/device/table.h"

namespace ocelli::cuda {

const KernelEntry no_entries[] = {{nullptr, 0, 0, nullptr}};
const KernelTable table = {"cuda-emulated", no_entries, 32, 64, 64};

}  // namespace ocelli::cuda

namespace device_test {

// What is captured runs when the graph is launched, once for each launch, in a workspace that stays.
inline void run_graph(ocelli::cuda::Stream& stream, const std::function<void(bool, const std::string&)>& check) {
  int* count = nullptr;
  cudaMallocAsync(reinterpret_cast<void**>(&count), sizeof(int), stream.main());
  cudaMemsetAsync(count, 0, sizeof(int), stream.main());
  const auto value = [&] {
    int found;
    cudaMemcpyAsync(&found, count, sizeof found, cudaMemcpyDeviceToHost, stream.main());
    return found;
  };
  {
    ocelli::cuda::Graph graph(stream, [&] {
      for (const int64_t size : {100, 10000}) {
        stream.begin(0);
        float* part = stream.workspace<float>(size);
        ocelli::cuda::for_elements(stream, 1, [=] __device__(int64_t) {
          part[0] = 1;
          *count += static_cast<int>(part[0]);
        });
      }
    });
    check(value() == 0, "nothing of a graph runs while it is captured");
    graph.launch();
    stream.begin(0);
    stream.workspace<float>(100000);
    graph.launch();
    check(value() == 4, "and all of it, in its own workspace, each time it is launched");
  }
  check(stream.handle() == stream.main(), "then launches go to the device's stream again");
  try {
    ocelli::cuda::Graph graph(stream, [&]() -> void { throw std::runtime_error("no such kernel"); });
    check(false, "a capture that fails is an error");
  } catch (const std::runtime_error& error) {
    check(error.what() == std::string("no such kernel") && stream.handle() == stream.main(), "a capture that fails is over");
  }
  cudaFreeAsync(count, stream.main());
}

inline void run(const std::function<void(bool, const std::string&)>& check) {
  ocelli::cuda::Stream stream(0);
  const auto out_of_memory = [&](int64_t floats) {
    try {
      stream.workspace<float>(floats);
      return false;
    } catch (const std::bad_alloc&) {
      return true;
    }
  };
  const auto usable = [&](void* part, size_t bytes) { return cudaMemsetAsync(part, 0, bytes, stream.handle()) == cudaSuccess; };
  stream.begin(0);
  float* first = stream.workspace<float>(100);
  float* second = stream.workspace<float>(1000);
  check(reinterpret_cast<uintptr_t>(second) % 256 == 0 && usable(second, 4000), "a workspace is aligned");
  check(usable(first, 400), "and what the call had before stays when it grows");
  setenv("SIMT_MEMORY", "20000", 1);
  check(out_of_memory(4096), "a workspace that does not fit is out of memory");
  check(usable(first, 400) && usable(second, 4000), "and leaves what there was");
  stream.begin(0);
  check(!out_of_memory(1000), "the next call works");
  stream.begin(0);
  check(!out_of_memory(2000), "with less than the double of before, if no more is left");
  check(out_of_memory(4096), "and the device is full again");
  unsetenv("SIMT_MEMORY");
  stream.begin(0);
  check(!out_of_memory(4096), "until there is more");
  stream.wait();

  bool failed = false;
  try {
    ocelli::cuda::check(cudaSetDevice(9), "cudaSetDevice");
  } catch (const ocelli::cuda::Error& error) {
    failed = error.what() == std::string("cudaSetDevice: invalid device ordinal (CUDA error 101)");
  }
  check(failed && stream.is_alive(), "a call that fails says which and why, and the device works on");

  void *pinned = nullptr, *device = nullptr;
  cudaHostAlloc(&pinned, 64, cudaHostAllocDefault);
  cudaMallocAsync(&device, 64, stream.handle());
  std::string order;
  ocelli::cuda::Copies copies(stream);
  for (const char* name : {"a", "b", "c"}) {
    cudaMemcpyAsync(device, pinned, 64, cudaMemcpyHostToDevice, stream.handle());
    copies.begun([&order, name] { order += name; });
  }
  check(order.size() < 3, "a copy's memory is not given back before it is done");
  stream.wait();
  copies.settle();
  check(order == "abc", "but then, in order: " + order);
  cudaFreeAsync(device, stream.handle());
  cudaFreeHost(pinned);
  run_graph(stream, check);
}

}  // namespace device_test
