#pragma once
#include <cstdint>

namespace ocelli {

// A process-wide pool: workers sleep until a kernel hands out items, and the calling thread works along. When two queues
// (two worker_threads) want it at once, the second runs its items alone instead of waiting. Results never depend on the
// number of threads, because kernels cut their work by size, not by thread.
class ThreadPool {
 public:
  using Body = void (*)(void* context, int64_t item);

  static ThreadPool& shared();

  // Runs body(context, item) for every item in [0, items) and returns when all are done. Bodies must not throw.
  void run(int64_t items, Body body, void* context);

  int threads() const;
  void set_threads(int count);  // 1 .. hardware threads; takes effect at the next run

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

 private:
  ThreadPool();
  ~ThreadPool();
  struct State;
  State* state_;
};

// A growing, 64-byte aligned buffer per thread and slot. Its contents are undefined at each call. Kernels that call each
// other on the same thread use different slots. Throws std::bad_alloc.
enum class Scratch { pack, tile, row, count };
float* thread_scratch(Scratch slot, int64_t floats);

}  // namespace ocelli
