// rms_norm, rms_norm_backward: the twins of src/cpu/rms_norm.cpp's. norm.cuh says how.
#include "kernels.h"
#include "norm.cuh"

namespace ocelli::cuda {

void rms_norm(const Call& call) {
  normalize<false>(*call.stream, call.size(0), call.size(1), call.scalars[2], call.tensor(0), call.tensor(1), nullptr,
                   call.tensor(2), call.tensor(3));
}

void rms_norm_backward(const Call& call) {
  normalize_backward<false>(*call.stream, call.size(0), call.size(1), call.tensor(0), call.tensor(1), call.tensor(2),
                            call.tensor(3), call.tensor(4), call.tensor(5), nullptr);
}

}  // namespace ocelli::cuda
