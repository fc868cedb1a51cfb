#include "driver.h"

#include "../stream.cuh"

namespace ocelli::cuda {

namespace {

std::string version_text(int version) {
  return "CUDA " + std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

// Any kernel: all are compiled for the same devices.
__global__ void nothing() {}

}  // namespace

std::string driver_text() {
  int version = 0;
  if (cudaDriverGetVersion(&version) != cudaSuccess) cudaGetLastError();
  return version == 0 ? "" : version_text(version);
}

std::string reason_text(int error) {
  if (error == cudaSuccess || error == cudaErrorNoDevice) return "the machine has no CUDA device";
  if (error == cudaErrorInsufficientDriver) {
    if (driver_text().empty()) return "the machine has no NVIDIA driver";
    int needed = 0;
    cudaRuntimeGetVersion(&needed);
    return "the NVIDIA driver is too old: it serves " + driver_text() + ", and this needs " + version_text(needed);
  }
  return std::string(cudaGetErrorString(static_cast<cudaError_t>(error))) + " (CUDA error " + std::to_string(error) + ")";
}

void expect_kernels(int device) {
  cudaFuncAttributes attributes;
  const cudaError_t result = cudaFuncGetAttributes(&attributes, nothing);
  if (result != cudaErrorNoKernelImageForDevice) return check(result, "cudaFuncGetAttributes");
  cudaGetLastError();
  int major = 0, minor = 0;
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device), "cudaDeviceGetAttribute");
  check(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device), "cudaDeviceGetAttribute");
  throw std::runtime_error("there are no kernels for its compute capability " + std::to_string(major) + "." +
                           std::to_string(minor));
}

}  // namespace ocelli::cuda
