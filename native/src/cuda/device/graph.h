#pragma once
#include <functional>

#include "../stream.cuh"

namespace ocelli::cuda {

// Launches that were captured once and run again as one: a CUDA graph, with the workspace that its kernels use.
class Graph {
 public:
  // Calls `launches`, which launch on the stream's handle; nothing runs. On the queue's thread, like all of this class.
  Graph(Stream& stream, const std::function<void()>& launches);
  ~Graph();
  Graph(const Graph&) = delete;

  void launch();

 private:
  Stream& stream_;
  Workspace workspace_;
  cudaGraphExec_t executable_ = nullptr;
};

}  // namespace ocelli::cuda
