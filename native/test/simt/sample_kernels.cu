// The kernels that the executor's tests run, for the GPU's compiler.
#include "sample_kernels.cuh"

template __global__ void sample::tiled_matmul<16, 2>(int, int, int, const float*, const float*, float*);
template __global__ void sample::tensor_core_matmul<false, 1>(int, int, int, const uint16_t*, const uint16_t*, float*);
template __global__ void sample::tensor_core_matmul<true, 1>(int, int, int, const uint16_t*, const uint16_t*, float*);
