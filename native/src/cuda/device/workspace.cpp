#include "../workspace.h"

#include <algorithm>

#include "../stream.cuh"

namespace ocelli::cuda {

// Nothing can be done about a failure here.
Workspace::~Workspace() {
  for (char* block : outgrown_) cudaFreeAsync(block, stream_);
  if (block_) cudaFreeAsync(block_, stream_);
}

void Workspace::begin() {
  used_ = 0;
  while (!keeps_ && !outgrown_.empty()) {
    check(cudaFreeAsync(outgrown_.back(), stream_), "cudaFreeAsync");
    outgrown_.pop_back();
  }
}

void* Workspace::take(size_t bytes) {
  bytes = (bytes + 255) / 256 * 256;
  if (used_ + bytes > size_) {
    size_t size = std::max(used_ + bytes, 2 * size_);
    void* block = nullptr;
    cudaError_t result = cudaMallocAsync(&block, size, stream_);
    if (result == cudaErrorMemoryAllocation) {
      cudaGetLastError();
      size = bytes;
      result = cudaMallocAsync(&block, size, stream_);
    }
    check(result, "cudaMallocAsync");
    if (block_) outgrown_.push_back(block_);
    block_ = static_cast<char*>(block);
    size_ = size;
    used_ = 0;
  }
  char* part = block_ + used_;
  used_ += bytes;
  return part;
}

}  // namespace ocelli::cuda
