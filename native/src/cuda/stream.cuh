#pragma once
// What a kernel's host function works with: the stream that it launches on, and what the device has.
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "cuda.cuh"
#include "ocelli/kernel.h"
#include "report.cuh"
#include "workspace.h"

namespace ocelli::cuda {

// How float32 operands enter the tensor cores. Weights that are stored in 16 or 8 bits enter as they are. The numbers are
// those of packages/ops/src/core/device.ts.
enum class Precision : int {
  float32,   // as the sum of two tf32 numbers each, three products: float32's accuracy at a third of tf32's speed
  tf32,      // rounded to tf32
  bfloat16,  // rounded to bfloat16
};

// Of a call of CUDA's that failed.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// `cudaSetDevice: invalid device ordinal (CUDA error 101)`
std::string error_text(cudaError_t result, const char* what);

// Throws Error for a call of CUDA's that failed, std::bad_alloc where memory is missing.
void check(cudaError_t result, const char* what);

class Stream {
 public:
  explicit Stream(int device);
  ~Stream();
  Stream(const Stream&) = delete;

  // What the running call launches on: the device's stream, or one that captures.
  cudaStream_t handle() const { return handle_; }
  // The device's stream, on which memory is asked for and given back; from any thread.
  cudaStream_t main() const { return main_; }
  int device() const { return device_; }
  cudaMemPool_t pool() const { return pool_; }
  int multiprocessors() const { return multiprocessors_; }
  Precision precision = Precision::float32;

  // Memory for what the kernels of this call hand on to each other, 256-byte aligned; what it holds is undefined. The next
  // call's kernels, which run after these, get the same memory.
  template <class T>
  T* workspace(int64_t count) {
    return static_cast<T*>(workspace_->take(static_cast<size_t>(count) * sizeof(T)));
  }
  // Takes back what was handed out since the mark, for kernels that are launched later: where one call works in rounds.
  Workspace::Mark mark() const { return workspace_->mark(); }
  void rewind(const Workspace::Mark& mark) { workspace_->rewind(mark); }

  Reporter reporter() const { return {report_, running_}; }

  // Of the queue's thread: `kernel` is the place in the table of what runs next; `wait` throws what kernels reported.
  void begin(int kernel);
  void wait();
  // Makes a graph of what is launched meanwhile, which does not run; the caller destroys it.
  cudaGraph_t capture(Workspace& workspace, const std::function<void()>& launches);
  // Whether the device still works, after an error.
  bool is_alive() const;

 private:
  Stream(int device, Report* report) : device_(device), report_(report) {}

  int device_, multiprocessors_ = 1, running_ = 0;
  cudaMemPool_t pool_ = nullptr;
  cudaStream_t main_ = nullptr, handle_ = nullptr;
  Report* report_;
  std::unique_ptr<Workspace> own_workspace_;
  Workspace* workspace_ = nullptr;
};

// The mask of a warp's operations in which every lane takes part.
constexpr unsigned kAllLanes = 0xffffffffu;

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
