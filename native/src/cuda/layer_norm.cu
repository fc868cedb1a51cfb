// layer_norm, layer_norm_backward: the twins of src/cpu/layer_norm.cpp's. norm.cuh says how.
#include "kernels.h"
#include "norm.cuh"

namespace ocelli::cuda {

void layer_norm(const Call& call) {
  normalize<true>(*call.stream, call.size(0), call.size(1), call.scalars[2], call.tensor(0), call.tensor(1), call.tensor(2),
                  call.tensor(3), call.tensor(4));
}

void layer_norm_backward(const Call& call) {
  normalize_backward<true>(*call.stream, call.size(0), call.size(1), call.tensor(0), call.tensor(1), call.tensor(2),
                           call.tensor(3), call.tensor(4), call.tensor(5), call.tensor(6));
}

}  // namespace ocelli::cuda
