#pragma once
#include <string>

namespace ocelli::cuda {

// `CUDA 13.0`: what the driver of this machine serves; empty where there is none.
std::string driver_text();

// Why cudaGetDeviceCount fails or finds nothing, in terms of what somebody may install.
std::string reason_text(int error);

// Throws std::runtime_error if this build has no kernels for the device in use.
void expect_kernels(int device);

}  // namespace ocelli::cuda
