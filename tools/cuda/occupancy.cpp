// Blocks of a launch that run on a multiprocessor at once, by NVIDIA's own occupancy calculator (cuda_occupancy.h). Lines of
// `GPU REGISTERS STATIC_BYTES DYNAMIC_BYTES THREADS` in, one number each out; 0 is a launch that does not fit.
#include <cstddef>
#include <iostream>
#include <string>

#include <cuda_occupancy.h>

namespace {

// From the tables of compute capabilities 8.0, 8.6, 9.0 and 12.0 in the CUDA C++ Programming Guide.
cudaOccDeviceProp properties(const std::string& gpu) {
  struct Facts {
    int major, minor, threads, multiprocessors;
    size_t shared, shared_of_block;
  };
  const Facts facts = gpu == "A100"  ? Facts{8, 0, 2048, 108, 164 * 1024, 163 * 1024}
                      : gpu == "H100" ? Facts{9, 0, 2048, 132, 228 * 1024, 227 * 1024}
                                      : Facts{8, 6, 1536, 82, 100 * 1024, 99 * 1024};
  cudaOccDeviceProp result;
  result.computeMajor = facts.major;
  result.computeMinor = facts.minor;
  result.maxThreadsPerBlock = 1024;
  result.maxThreadsPerMultiprocessor = facts.threads;
  result.regsPerBlock = result.regsPerMultiprocessor = 65536;
  result.warpSize = 32;
  result.sharedMemPerBlock = 48 * 1024;
  result.sharedMemPerMultiprocessor = facts.shared;
  result.numSms = facts.multiprocessors;
  result.sharedMemPerBlockOptin = facts.shared_of_block;
  result.reservedSharedMemPerBlock = 1024;
  return result;
}

}  // namespace

int main() {
  std::string gpu;
  int registers, threads;
  size_t static_bytes, dynamic_bytes;
  while (std::cin >> gpu >> registers >> static_bytes >> dynamic_bytes >> threads) {
    const cudaOccDeviceProp device = properties(gpu);
    cudaOccFuncAttributes function;
    function.maxThreadsPerBlock = 1024;
    function.numRegs = registers;
    function.sharedSizeBytes = static_bytes;
    function.partitionedGCConfig = PARTITIONED_GC_OFF;
    function.shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN;
    function.maxDynamicSharedSizeBytes = dynamic_bytes;
    function.numBlockBarriers = 1;
    cudaOccDeviceState state;
    cudaOccResult result;
    const bool fits = cudaOccMaxActiveBlocksPerMultiprocessor(&result, &device, &function, &state, threads, dynamic_bytes) ==
                      CUDA_OCC_SUCCESS;
    std::cout << (fits ? result.activeBlocksPerMultiprocessor : 0) << '\n';
  }
}
