#include "../stream.cuh"

#include <algorithm>
#include <new>

#include "report_text.h"

namespace ocelli::cuda {

void check(cudaError_t result, const char* what) {
  if (result == cudaSuccess) return;
  cudaGetLastError();  // takes back what is not sticky
  if (result == cudaErrorMemoryAllocation) throw std::bad_alloc();
  throw std::runtime_error(std::string(what) + ": " + cudaGetErrorString(result) + " (CUDA error " +
                           std::to_string(static_cast<int>(result)) + ")");
}

Stream::Stream(int device) : device_(device) {
  check(cudaSetDevice(device), "cudaSetDevice");
  check(cudaDeviceGetAttribute(&multiprocessors_, cudaDevAttrMultiProcessorCount, device), "cudaDeviceGetAttribute");
  check(cudaStreamCreateWithFlags(&handle_, cudaStreamNonBlocking), "cudaStreamCreate");
  check(cudaMallocAsync(reinterpret_cast<void**>(&report_), sizeof(Report), handle_), "cudaMallocAsync");
  check(cudaMemsetAsync(report_, 0, sizeof(Report), handle_), "cudaMemsetAsync");
}

// Nothing can be done about a failure here; the process may be ending.
Stream::~Stream() {
  cudaSetDevice(device_);
  for (char* block : outgrown_) cudaFreeAsync(block, handle_);
  if (workspace_) cudaFreeAsync(workspace_, handle_);
  if (report_) cudaFreeAsync(report_, handle_);
  if (handle_) {
    cudaStreamSynchronize(handle_);
    cudaStreamDestroy(handle_);
  }
}

void Stream::begin(int kernel) {
  running_ = kernel;
  workspace_used_ = 0;
  while (!outgrown_.empty()) {
    check(cudaFreeAsync(outgrown_.back(), handle_), "cudaFreeAsync");
    outgrown_.pop_back();
  }
}

void* Stream::workspace_bytes(size_t bytes) {
  bytes = (bytes + 255) / 256 * 256;
  if (workspace_used_ + bytes > workspace_size_) {
    const size_t wanted = std::max(workspace_used_ + bytes, 2 * workspace_size_);
    void* block = nullptr;
    check(cudaMallocAsync(&block, wanted, handle_), "cudaMallocAsync");
    if (workspace_) outgrown_.push_back(workspace_);
    workspace_ = static_cast<char*>(block);
    workspace_size_ = wanted;
    workspace_used_ = 0;
  }
  char* part = workspace_ + workspace_used_;
  workspace_used_ += bytes;
  return part;
}

void Stream::wait() {
  Report report;
  check(cudaMemcpyAsync(&report, report_, sizeof report, cudaMemcpyDeviceToHost, handle_), "cudaMemcpyAsync");
  check(cudaStreamSynchronize(handle_), "cudaStreamSynchronize");
  if (report.fault == 0) return;
  check(cudaMemsetAsync(report_, 0, sizeof report, handle_), "cudaMemsetAsync");
  throw std::runtime_error(report_text(report));
}

}  // namespace ocelli::cuda
