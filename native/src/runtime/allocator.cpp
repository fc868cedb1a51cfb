#include "allocator.h"

#include <cstdlib>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace ocelli {

namespace {

constexpr size_t kSmallest = 256;
constexpr size_t kHugePage = size_t{2} << 20;

void* system_allocate(size_t bytes) {
  if (bytes < kHugePage) return std::aligned_alloc(64, bytes);
  // Fresh large blocks cost more in page faults than most kernels do in arithmetic; huge pages take 512 times fewer.
  const size_t whole = (bytes + kHugePage - 1) / kHugePage * kHugePage;
  void* block = std::aligned_alloc(kHugePage, whole);
#if defined(__linux__)
  if (block) madvise(block, whole, MADV_HUGEPAGE);
#endif
  return block;
}

}  // namespace

size_t Allocator::rounded(size_t bytes) {
  if (bytes <= kSmallest) return kSmallest;
  size_t octave = kSmallest;
  while (octave <= bytes / 2) octave *= 2;
  const size_t step = octave / 8;
  return (bytes + step - 1) / step * step;
}

Allocator::~Allocator() { release_cache(); }

void* Allocator::allocate(size_t bytes) {
  if (bytes > (size_t{1} << 46)) return nullptr;
  const size_t size = rounded(bytes);
  void* block = nullptr;
  auto found = free_.find(size);
  if (found != free_.end() && !found->second.empty()) {
    block = found->second.back();
    found->second.pop_back();
    cached_ -= size;
  } else {
    block = system_allocate(size);
    if (!block) return nullptr;
    system_allocations_++;
  }
  allocated_ += size;
  if (allocated_ > peak_) peak_ = allocated_;
  return block;
}

void Allocator::free(void* block, size_t bytes) {
  const size_t size = rounded(bytes);
  free_[size].push_back(block);
  allocated_ -= size;
  cached_ += size;
}

void Allocator::release_cache() {
  for (auto& [size, blocks] : free_)
    for (void* block : blocks) std::free(block);
  free_.clear();
  cached_ = 0;
}

}  // namespace ocelli
