#pragma once
// One block of threads: a fiber for each, a warp of 32 lanes at a time, shared memory, and what they wait for.
//
// Lanes run one after another until each waits or ends, in an order that changes with every pass: what a missing barrier
// leaves to chance comes out wrong for some seed. Misuse that a GPU would answer with a hang or with nonsense ends the
// launch with an error that names the block and the threads.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fiber.h"

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};
struct uint3 {
  unsigned x, y, z;
};

namespace simt {

constexpr int kWarp = 32;
constexpr size_t kExchangeBytes = 64;  // what a lane may hand to its warp at once

struct Copy {
  char* to;
  const char* from;
  int bytes;   // written
  int filled;  // read; the rest is zero
};

enum class Wait : uint8_t { none, block, warp, ended };

struct Lane {
  Fiber fiber;
  uint3 thread;
  int index, warp, lane;
  Wait wait;
  const char* operation;  // that it waits in
  std::vector<Copy> copies;
  std::vector<size_t> groups;  // ends of committed groups in `copies`
};

struct Warp {
  uint32_t alive, arrived, needed;
  const char* operation;
  alignas(64) unsigned char exchange[kWarp][kExchangeBytes];
};

class Block {
 public:
  Block(dim3 grid, dim3 threads, size_t dynamic_bytes, uint64_t seed);
  ~Block();

  // Runs body once for each thread of block `index`. Throws std::runtime_error for a kernel that breaks a rule.
  void run(uint3 index, const std::function<void()>& body);

  const dim3 grid, threads;
  uint3 index{};
  Lane* lane = nullptr;  // that runs now

  // __syncthreads and its relatives: everyone's predicate is added up. Returns the sum.
  int barrier(int predicate, const char* operation);

  // Waits for the lanes of `mask`. Ended ones do not count.
  void meet(uint32_t mask, const char* operation);

  // Each lane of mask gives `bytes` bytes; on return `given` holds them until release(mask).
  void give(uint32_t mask, const void* value, size_t bytes, const char* operation);
  const unsigned char* given(int lane) const;
  void release(uint32_t mask, const char* operation) { meet(mask, operation); }

  char* dynamic_shared() { return dynamic_; }
  // The memory of one `__shared__` variable of this block: the tag is the variable's own.
  void* static_shared(const void* tag, size_t bytes, size_t alignment);

  // Ends the launch with an error that names the block and the thread. Called by a kernel.
  [[noreturn]] void fail(const std::string& message);

 private:
  void lane_main();
  void pass();
  std::string deadlock() const;
  std::string place() const;

  struct Shared {
    const void* tag;
    char* memory;
    size_t bytes;
  };

  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<Warp> warps_;
  std::vector<Shared> static_;
  char* dynamic_ = nullptr;
  size_t dynamic_bytes_;
  const std::function<void()>* body_ = nullptr;
  int alive_ = 0, at_barrier_ = 0, predicates_ = 0, agreed_ = 0;
  uint64_t random_;
  std::string error_;
};

// The block that runs on this thread of the host.
Block& current();

// Runs body for every thread of a grid, blocks side by side on the host's threads.
void launch(dim3 grid, dim3 threads, size_t dynamic_bytes, const std::function<void()>& body);

// Of every launch from here on; the environment's SIMT_SEED by default. Equal seeds give equal orders.
void set_seed(uint64_t seed);

}  // namespace simt
