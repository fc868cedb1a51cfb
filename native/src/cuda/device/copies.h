#pragma once
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "../stream.cuh"

namespace ocelli::cuda {

// Copies from the host that a stream has under way, in their order, and what is to be told when one is done.
class Copies {
 public:
  explicit Copies(const Stream& stream) : stream_(stream) {}
  ~Copies();
  Copies(const Copies&) = delete;

  // The newest copy of the stream. Calls what is done meanwhile, without waiting.
  void begun(std::function<void()> done);
  // Calls all: nothing is under way any more.
  void settle();

 private:
  void settle_first();

  const Stream& stream_;
  std::deque<std::pair<cudaEvent_t, std::function<void()>>> under_way_;
  std::vector<cudaEvent_t> spare_;
};

}  // namespace ocelli::cuda
