#pragma once
// What a kernel's host function works with: the stream that it launches on, and what the device has.
#include <stdexcept>
#include <string>
#include <vector>

#include "cuda.cuh"
#include "ocelli/kernel.h"
#include "report.cuh"

namespace ocelli::cuda {

// How float32 operands enter the tensor cores. Weights stored in 16 bits or less always enter as bfloat16 or float16.
enum class Precision : int {
  float32,   // as the sum of two tf32 numbers each, three products: float32's accuracy at a third of tf32's speed
  tf32,      // rounded to tf32
  bfloat16,  // rounded to bfloat16
};

// Throws std::runtime_error for a call of CUDA's that failed, std::bad_alloc where memory is missing.
void check(cudaError_t result, const char* what);

class Stream {
 public:
  explicit Stream(int device);
  ~Stream();
  Stream(const Stream&) = delete;

  cudaStream_t handle() const { return handle_; }
  int device() const { return device_; }
  int multiprocessors() const { return multiprocessors_; }
  Precision precision = Precision::float32;

  // Memory for what the kernels of this call hand on to each other, 256-byte aligned; what it holds is undefined. The next
  // call's kernels, which run after these, get the same memory.
  template <class T>
  T* workspace(int64_t count) {
    return static_cast<T*>(workspace_bytes(static_cast<size_t>(count) * sizeof(T)));
  }

  Reporter reporter() const { return {report_, running_}; }

  // Of the queue's thread: `kernel` is the place in the table of what runs next; `wait` throws what kernels reported.
  void begin(int kernel);
  void wait();

 private:
  int device_, multiprocessors_ = 1, running_ = 0;
  cudaStream_t handle_ = nullptr;
  Report* report_ = nullptr;
  void* workspace_bytes(size_t bytes);

  std::vector<char*> outgrown_;  // parts of these are in the hands of the running call
  char* workspace_ = nullptr;
  size_t workspace_size_ = 0, workspace_used_ = 0;
};

// Blocks of `threads` that cover `count` items, but no more than a kernel that goes on by its grid's size can use.
inline unsigned blocks_for(int64_t count, int threads, int64_t most = 65535) {
  const int64_t blocks = (count + threads - 1) / threads;
  return static_cast<unsigned>(blocks < 1 ? 1 : blocks > most ? most : blocks);
}

template <class Body>
__global__ void over_elements(int64_t count, Body body) {
  const int64_t stride = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride) body(i);
}

// body(i) on the device for every i in [0, count): for_elements(stream, n, [=] __device__(int64_t i) { y[i] = x[i]; });
template <class Body>
void for_elements(Stream& stream, int64_t count, const Body& body) {
  if (count <= 0) return;
  OCELLI_LAUNCH(over_elements<Body>, blocks_for(count, 256), 256, 0, stream.handle(), count, body);
}

}  // namespace ocelli::cuda
