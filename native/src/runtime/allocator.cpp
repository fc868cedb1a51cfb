#include "allocator.h"

namespace ocelli {

namespace {

constexpr size_t kSmallest = 512;  // an eighth of it is a whole number of 64-byte lines, as aligned_alloc wants
}  // namespace

size_t Allocator::rounded(size_t bytes) {
  if (bytes <= kSmallest) return kSmallest;
  size_t octave = kSmallest;
  while (octave <= bytes / 2) octave *= 2;
  const size_t step = octave / 8;
  return (bytes + step - 1) / step * step;
}

Allocator::~Allocator() { release_cache(); }

Block Allocator::allocate(size_t bytes) {
  if (bytes > (size_t{1} << 46)) return {nullptr, 0};
  Block block = {nullptr, rounded(bytes)};
  const auto found = free_.lower_bound(block.bytes);
  if (found != free_.end() && found->first <= 2 * block.bytes) {
    block = {found->second.back(), found->first};
    found->second.pop_back();
    if (found->second.empty()) free_.erase(found);
    cached_ -= block.bytes;
  } else if (parent_) {
    block = parent_->allocate(bytes);
    if (!block.data) return {nullptr, 0};
  } else {
    block.data = device_ ? device_->allocate(block.bytes, bytes) : reinterpret_cast<void*>((system_allocations_ + 1) << 12);
    if (!block.data) return {nullptr, 0};
    system_allocations_++;
  }
  allocated_ += block.bytes;
  if (allocated_ > peak_) peak_ = allocated_;
  return block;
}

void Allocator::free(Block block) {
  free_[block.bytes].push_back(block.data);
  allocated_ -= block.bytes;
  cached_ += block.bytes;
}

void Allocator::release_cache() {
  if (parent_) {
    for (auto& [size, blocks] : free_)
      for (void* block : blocks) parent_->free({block, size});
  }
  if (device_) {
    for (auto& [size, blocks] : free_)
      for (void* block : blocks) device_->release(block);
    if (!free_.empty()) device_->trim();
  }
  free_.clear();
  cached_ = 0;
}

}  // namespace ocelli
