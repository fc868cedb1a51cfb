#include "graph.h"

namespace ocelli::cuda {

Graph::Graph(Stream& stream, const std::function<void()>& launches) : stream_(stream), workspace_(stream.main(), true) {
  cudaGraph_t graph = stream.capture(workspace_, launches);
  const cudaError_t result = cudaGraphInstantiate(&executable_, graph, 0);
  cudaGraphDestroy(graph);
  check(result, "cudaGraphInstantiate");
}

// Nothing can be done about a failure here; the process may be ending.
Graph::~Graph() {
  cudaSetDevice(stream_.device());
  cudaStreamSynchronize(stream_.main());
  cudaGraphExecDestroy(executable_);
}

void Graph::launch() { check(cudaGraphLaunch(executable_, stream_.main()), "cudaGraphLaunch"); }

}  // namespace ocelli::cuda
