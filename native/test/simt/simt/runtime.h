#pragma once
// The calls of CUDA's runtime that src/cuda makes, for the executor. The device's memory is the host's, and work is done
// when the call that starts it returns, but for copies from pinned memory: these are done as late as CUDA may do them, so
// that a part of it that is used again too early shows. What a program must never do (release what was not allocated, copy
// beyond a block, release pinned memory that a copy still reads, wait for a stream that captures) ends the process with a
// message. A graph holds its launches as they were called, and runs them one after another.
//
// The environment says what the machine is like:
//   SIMT_DEVICES          number of devices (1)
//   SIMT_MEMORY           bytes that each has (what the host gives)
//   SIMT_DRIVER           the driver's CUDA version (13000); less is too old, 0 is no driver
//   SIMT_CAPABILITY       compute capability, in tenths (80); less has no kernels
//   SIMT_MULTIPROCESSORS  how many each says to have (4)
//   SIMT_LOST_AFTER       launches after which a device answers nothing but an error (never)
#include <cstddef>
#include <functional>

#include "cuda.h"

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInsufficientDriver = 35,
  cudaErrorNoDevice = 100,
  cudaErrorInvalidDevice = 101,
  cudaErrorNoKernelImageForDevice = 209,
  cudaErrorNotReady = 600,
  cudaErrorIllegalAddress = 700,
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2, cudaMemcpyDeviceToDevice = 3 };
enum cudaDeviceAttr {
  cudaDevAttrMultiProcessorCount = 16,
  cudaDevAttrComputeCapabilityMajor = 75,
  cudaDevAttrComputeCapabilityMinor = 76,
  cudaDevAttrMaxSharedMemoryPerBlockOptin = 97,
};
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize = 8 };
enum cudaMemPoolAttr { cudaMemPoolAttrReleaseThreshold = 4 };
enum cudaStreamCaptureMode { cudaStreamCaptureModeRelaxed = 2 };
constexpr unsigned cudaStreamNonBlocking = 1, cudaEventDisableTiming = 2, cudaHostAllocDefault = 0;

struct SimtStream;
struct SimtEvent;
struct SimtPool;
struct SimtGraph;
using cudaStream_t = SimtStream*;
using cudaEvent_t = SimtEvent*;
using cudaMemPool_t = SimtPool*;
using cudaGraph_t = SimtGraph*;
using cudaGraphExec_t = SimtGraph*;
struct cudaDeviceProp {
  char name[256];
};
struct cudaFuncAttributes {
  int binaryVersion;
};

cudaError_t cudaGetLastError();
const char* cudaGetErrorString(cudaError_t error);
cudaError_t cudaDriverGetVersion(int* version);
cudaError_t cudaRuntimeGetVersion(int* version);
cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaSetDevice(int index);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int index);
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int index);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamQuery(cudaStream_t stream);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventQuery(cudaEvent_t event);
cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int index);
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value);
cudaError_t cudaMemPoolTrimTo(cudaMemPool_t pool, size_t bytes);
cudaError_t cudaMallocAsync(void** to, size_t bytes, cudaStream_t stream);
cudaError_t cudaFreeAsync(void* memory, cudaStream_t stream);
cudaError_t cudaHostAlloc(void** to, size_t bytes, unsigned flags);
cudaError_t cudaFreeHost(void* memory);
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t stream);
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long flags);
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable);

namespace simt {

// Runs work once what was started on the stream before is done, or keeps it where the stream captures. Null is any stream.
void start(cudaStream_t stream, std::function<void()> work);

template <class Kernel, class... Arguments>
void launch_on(cudaStream_t stream, const void* function, dim3 grid, dim3 threads, size_t dynamic_bytes, Kernel kernel,
               Arguments... arguments) {
  start(stream, [=] { launch_with(function, grid, threads, dynamic_bytes, kernel, arguments...); });
}
bool has_kernels();

}  // namespace simt

template <class Function>
cudaError_t cudaFuncSetAttribute(Function* function, cudaFuncAttribute, int bytes) {
  simt::allow_shared(reinterpret_cast<const void*>(function), static_cast<size_t>(bytes));
  return cudaSuccess;
}
template <class Function>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes*, Function*) {
  return ::simt::has_kernels() ? cudaSuccess : cudaErrorNoKernelImageForDevice;
}
