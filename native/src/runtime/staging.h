#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include "device.h"

namespace ocelli {

// Where host data waits between the caller's write, who may change its array right after, and the queue's copy to the
// device. A ring that grows to what is under way at once, so that a loop of fixed shape asks the system for nothing; its
// parts are given back in the order in which they were taken, which is the queue's. One thread takes parts.
class Staging {
  struct Ring {
    Ring(std::shared_ptr<Device> device, size_t bytes)
        : device(std::move(device)), data(static_cast<char*>(this->device->allocate_host(bytes))), capacity(bytes) {
      if (!data) throw std::bad_alloc();
    }
    ~Ring() { device->release_host(data); }
    Ring(const Ring&) = delete;

    const std::shared_ptr<Device> device;
    char* const data;
    const size_t capacity;
    uint64_t head = 0;               // bytes ever taken
    std::atomic<uint64_t> tail = 0;  // bytes ever given back; the queue's thread
  };

 public:
  class Part {
   public:
    char* data() const { return data_; }
    void give_back() const { ring_->tail.store(end_, std::memory_order_release); }

   private:
    friend class Staging;
    Part(std::shared_ptr<Ring> ring, char* data, uint64_t end) : ring_(std::move(ring)), data_(data), end_(end) {}
    std::shared_ptr<Ring> ring_;  // an outgrown ring lives until its last part is used
    char* data_;
    uint64_t end_;
  };

  explicit Staging(std::shared_ptr<Device> device) : device_(std::move(device)) {}

  // Throws std::bad_alloc where the host has no memory left.
  Part take(size_t bytes) {
    // What would make the ring too large to keep gets one of its own.
    if (bytes > kLargest) return cut(make(bytes), bytes);
    if (!ring_ || !fits(*ring_, bytes)) {
      size_t capacity = ring_ ? 2 * ring_->capacity : kFirst;
      while (capacity < 2 * bytes) capacity *= 2;
      // A full ring that is as large as it may get is replaced by another one.
      ring_ = make(capacity < 2 * kLargest ? capacity : 2 * kLargest);
    }
    return cut(ring_, bytes);
  }

  uint64_t system_allocations() const { return system_allocations_; }

 private:
  static constexpr size_t kFirst = size_t{4} << 20, kLargest = size_t{32} << 20;

  std::shared_ptr<Ring> make(size_t bytes) {
    system_allocations_++;
    return std::make_shared<Ring>(device_, bytes);
  }
  // Where a part of `bytes` begins, counted like `head`: parts do not wrap around.
  static uint64_t begin(const Ring& ring, size_t bytes) {
    const size_t at = ring.head % ring.capacity;
    return at + bytes > ring.capacity ? ring.head + (ring.capacity - at) : ring.head;
  }
  static bool fits(const Ring& ring, size_t bytes) {
    return begin(ring, bytes) + bytes - ring.tail.load(std::memory_order_acquire) <= ring.capacity;
  }
  static Part cut(const std::shared_ptr<Ring>& ring, size_t bytes) {
    const uint64_t from = begin(*ring, bytes);
    ring->head = from + bytes;
    return Part(ring, ring->data + from % ring->capacity, ring->head);
  }

  const std::shared_ptr<Device> device_;
  std::shared_ptr<Ring> ring_;
  uint64_t system_allocations_ = 0;
};

}  // namespace ocelli
