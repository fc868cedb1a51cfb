#include "copies.h"

namespace ocelli::cuda {

Copies::~Copies() {
  settle();
  for (cudaEvent_t event : spare_) cudaEventDestroy(event);
}

void Copies::begun(std::function<void()> done) {
  if (spare_.empty()) {
    cudaEvent_t event;
    check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "cudaEventCreate");
    spare_.push_back(event);
  }
  check(cudaEventRecord(spare_.back(), stream_.handle()), "cudaEventRecord");
  under_way_.emplace_back(spare_.back(), std::move(done));
  spare_.pop_back();
  while (!under_way_.empty()) {
    const cudaError_t result = cudaEventQuery(under_way_.front().first);
    if (result == cudaErrorNotReady) return;
    check(result, "cudaEventQuery");
    settle_first();
  }
}

void Copies::settle() {
  while (!under_way_.empty()) settle_first();
}

void Copies::settle_first() {
  auto [event, done] = std::move(under_way_.front());
  under_way_.pop_front();
  spare_.push_back(event);
  done();
}

}  // namespace ocelli::cuda
