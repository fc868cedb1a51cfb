// activation_gradient: the twin of src/cpu/gemm_epilogue.cpp's.
#include "activation_gradient.cuh"

#include "kernels.h"

namespace ocelli::cuda {

void activation_gradient(const Call& call) {
  gemm::gradient_of_activation(*call.stream, call.tensor(0), call.tensor<void>(1), nullptr, call.tensor(2), call.size(0),
                               call.size(1), call.size(2));
}

}  // namespace ocelli::cuda
