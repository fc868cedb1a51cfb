#pragma once
#include <cstddef>
#include <vector>

#include "cuda.cuh"

namespace ocelli::cuda {

// Memory that the kernels of one call hand on to each other. The next call's kernels, which run after these, get the same.
class Workspace {
 public:
  // Asks the stream for its memory. One that `keeps` what it has outgrown serves launches that run again later.
  Workspace(cudaStream_t stream, bool keeps) : stream_(stream), keeps_(keeps) {}
  ~Workspace();
  Workspace(const Workspace&) = delete;

  // Of the call that begins; 256-byte aligned. Throws std::bad_alloc.
  void begin();
  void* take(size_t bytes);

  // Takes back what was handed out since the mark.
  struct Mark {
    const char* block;
    size_t used;
  };
  Mark mark() const { return {block_, used_}; }
  void rewind(const Mark& mark) { used_ = block_ == mark.block ? mark.used : 0; }

 private:
  const cudaStream_t stream_;
  const bool keeps_;
  std::vector<char*> outgrown_;  // parts of these are in the hands of the running call
  char* block_ = nullptr;
  size_t size_ = 0, used_ = 0;
};

}  // namespace ocelli::cuda
