// fill: the twin of src/cpu/copy.cpp's. Bound by writing.
#include "kernels.h"
#include "stream.cuh"

namespace ocelli::cuda {

namespace {

template <class Element>
void fill_with(const Call& call) {
  Element* target = call.tensor<Element>(0);
  const auto value = static_cast<Element>(call.scalars[2]);
  for_elements(*call.stream, call.size(0), [=] __device__(int64_t i) { target[i] = value; });
}

}  // namespace

void fill(const Call& call) {
  switch (call.size(1)) {
    case 1: return fill_with<uint8_t>(call);
    case 2: return fill_with<uint16_t>(call);
    default: return fill_with<uint32_t>(call);
  }
}

}  // namespace ocelli::cuda
