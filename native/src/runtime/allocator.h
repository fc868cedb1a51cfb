#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "device.h"

namespace ocelli {

// Caches blocks by size class (eight to an octave, so at most an eighth is wasted by rounding). A request takes the
// smallest cached block that fits, up to twice its size: batches of changing lengths then share their blocks instead of
// leaving a set behind for each length. Used from the JavaScript thread only.
// Blocks are handed on in queue order: a block freed here may still be read by queued kernels, and whoever gets it next
// queues behind them. Only `release_cache` gives memory back, and the caller drains the queue before it.
struct Block {
  void* data;    // null when the system has none
  size_t bytes;  // what it takes up, at least what was asked for
};

class Allocator {
 public:
  // Without a device, memory is counted as if it were real: blocks are addresses that nobody may follow.
  explicit Allocator(std::shared_ptr<Device> device) : device_(std::move(device)) {}
  // Takes its blocks from another cache, and gives them back there in the end: so they stay in queue order.
  explicit Allocator(Allocator& parent) : parent_(&parent) {}
  ~Allocator();
  Block allocate(size_t bytes);
  void free(Block block);
  void release_cache();

  size_t allocated() const { return allocated_; }
  size_t cached() const { return cached_; }
  size_t peak() const { return peak_; }
  uint64_t system_allocations() const { return system_allocations_; }
  void reset_peak() { peak_ = allocated_; }

  static size_t rounded(size_t bytes);

 private:
  const std::shared_ptr<Device> device_;
  Allocator* const parent_ = nullptr;
  std::map<size_t, std::vector<void*>> free_;
  size_t allocated_ = 0, cached_ = 0, peak_ = 0;
  uint64_t system_allocations_ = 0;
};

}  // namespace ocelli
