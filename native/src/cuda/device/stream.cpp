#include "../stream.cuh"

#include <cstdint>
#include <exception>
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
  check(cudaStreamCreateWithFlags(&main_, cudaStreamNonBlocking), "cudaStreamCreate");
  handle_ = main_;
  own_workspace_ = std::make_unique<Workspace>(main_, false);
  workspace_ = own_workspace_.get();
  check(cudaMallocAsync(reinterpret_cast<void**>(&report_), sizeof(Report), handle_), "cudaMallocAsync");
  check(cudaMemsetAsync(report_, 0, sizeof(Report), handle_), "cudaMemsetAsync");
}

// Nothing can be done about a failure here; the process may be ending.
Stream::~Stream() {
  if (!main_) return;
  cudaSetDevice(device_);
  own_workspace_.reset();
  if (report_) cudaFreeAsync(report_, main_);
  cudaStreamSynchronize(main_);
  cudaStreamDestroy(main_);
}

bool Stream::is_alive() const {
  cudaGetLastError();
  const cudaError_t result = cudaStreamQuery(main_);
  return result == cudaSuccess || result == cudaErrorNotReady;
}

void Stream::begin(int kernel) {
  running_ = kernel;
  workspace_->begin();
}

// On a stream of its own: what is asked of the device's stream meanwhile, memory, must not become part of the graph.
cudaGraph_t Stream::capture(Workspace& workspace, const std::function<void()>& launches) {
  check(cudaStreamCreateWithFlags(&handle_, cudaStreamNonBlocking), "cudaStreamCreate");
  workspace_ = &workspace;
  const cudaStream_t captor = handle_;
  cudaGraph_t graph = nullptr;
  cudaError_t result = cudaStreamBeginCapture(captor, cudaStreamCaptureModeRelaxed);
  std::exception_ptr failure;
  if (result == cudaSuccess) {
    try {
      launches();
    } catch (...) {
      failure = std::current_exception();
    }
    result = cudaStreamEndCapture(captor, &graph);
  }
  handle_ = main_;
  workspace_ = own_workspace_.get();
  cudaStreamDestroy(captor);
  if (failure) {
    cudaGetLastError();
    if (graph) cudaGraphDestroy(graph);
    std::rethrow_exception(failure);
  }
  check(result, "capture");
  return graph;
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
