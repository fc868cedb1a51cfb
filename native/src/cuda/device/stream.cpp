#include "../stream.cuh"

#include <algorithm>
#include <cstdint>
#include <new>

#include "report_text.h"

namespace ocelli::cuda {

std::string error_text(cudaError_t result, const char* what) {
  return std::string(what) + ": " + cudaGetErrorString(result) + " (CUDA error " + std::to_string(static_cast<int>(result)) + ")";
}

void check(cudaError_t result, const char* what) {
  if (result == cudaSuccess) return;
  cudaGetLastError();  // takes back what is not sticky
  if (result == cudaErrorMemoryAllocation) throw std::bad_alloc();
  throw Error(error_text(result, what));
}

// The delegated constructor makes the object whole, so that the destructor runs when what follows fails.
Stream::Stream(int device) : Stream(device, nullptr) {
  check(cudaSetDevice(device), "cudaSetDevice");
  check(cudaDeviceGetAttribute(&multiprocessors_, cudaDevAttrMultiProcessorCount, device), "cudaDeviceGetAttribute");
  check(cudaDeviceGetDefaultMemPool(&pool_, device), "cudaDeviceGetDefaultMemPool");
  // The pool keeps what is released, so that asking it again costs nothing; `trim` empties it.
  uint64_t keep = UINT64_MAX;
  check(cudaMemPoolSetAttribute(pool_, cudaMemPoolAttrReleaseThreshold, &keep), "cudaMemPoolSetAttribute");
  check(cudaStreamCreateWithFlags(&handle_, cudaStreamNonBlocking), "cudaStreamCreate");
  check(cudaMallocAsync(reinterpret_cast<void**>(&report_), sizeof(Report), handle_), "cudaMallocAsync");
  check(cudaMemsetAsync(report_, 0, sizeof(Report), handle_), "cudaMemsetAsync");
}

// Nothing can be done about a failure here; the process may be ending.
Stream::~Stream() {
  if (!handle_) return;
  cudaSetDevice(device_);
  for (char* block : outgrown_) cudaFreeAsync(block, handle_);
  if (workspace_) cudaFreeAsync(workspace_, handle_);
  if (report_) cudaFreeAsync(report_, handle_);
  cudaStreamSynchronize(handle_);
  cudaStreamDestroy(handle_);
}

bool Stream::is_alive() const {
  cudaGetLastError();
  const cudaError_t result = cudaStreamQuery(handle_);
  return result == cudaSuccess || result == cudaErrorNotReady;
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
    size_t size = std::max(workspace_used_ + bytes, 2 * workspace_size_);
    void* block = nullptr;
    cudaError_t result = cudaMallocAsync(&block, size, handle_);
    if (result == cudaErrorMemoryAllocation) {
      cudaGetLastError();
      size = bytes;
      result = cudaMallocAsync(&block, size, handle_);
    }
    check(result, "cudaMallocAsync");
    if (workspace_) outgrown_.push_back(workspace_);
    workspace_ = static_cast<char*>(block);
    workspace_size_ = size;
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
