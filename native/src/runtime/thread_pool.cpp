#include "ocelli/thread_pool.h"

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

namespace ocelli {

namespace {

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

// Kernels follow one another within microseconds, and waking a sleeper costs several, so a worker looks around for a
// moment before it sleeps.
constexpr int kSpins = 2000;

int hardware_threads() {
  const unsigned count = std::thread::hardware_concurrency();
  return count == 0 ? 1 : static_cast<int>(count);
}

}  // namespace

struct ThreadPool::State {
  std::mutex owner;  // held by the queue whose kernel runs on the workers
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<uint64_t> generation{0};
  std::atomic<int> working{0};
  std::atomic<int64_t> next{0};
  int sleeping = 0;
  bool open = false;
  bool stopping = false;
  Body body = nullptr;
  void* context = nullptr;
  int64_t items = 0;
  std::exception_ptr failure;
  std::vector<std::thread> workers;

  void take_items() {
    for (int64_t item; (item = next.fetch_add(1, std::memory_order_relaxed)) < items;) {
      try {
        body(context, item);
      } catch (...) {
        std::lock_guard<std::mutex> lock(mutex);
        if (!failure) failure = std::current_exception();
      }
    }
  }

  void work() {
    uint64_t seen = 0;
    for (;;) {
      for (int spin = 0; spin < kSpins && generation.load(std::memory_order_acquire) == seen; spin++) pause();
      {
        std::unique_lock<std::mutex> lock(mutex);
        sleeping++;
        wake.wait(lock, [&] { return stopping || generation.load() != seen; });
        sleeping--;
        if (stopping) return;
        seen = generation.load();
        if (!open) continue;
        working.fetch_add(1);
      }
      take_items();
      working.fetch_sub(1, std::memory_order_release);
    }
  }

  void stop() {
    {
      std::lock_guard<std::mutex> lock(mutex);
      stopping = true;
    }
    wake.notify_all();
    for (auto& worker : workers) worker.join();
    workers.clear();
    stopping = false;
  }

  void start(int threads) {
    for (int i = 1; i < threads; i++) workers.emplace_back([this] { work(); });
  }
};

ThreadPool::ThreadPool() : state_(new State) {
  int threads = hardware_threads();
  if (const char* wanted = std::getenv("OCELLI_THREADS")) {
    const int count = std::atoi(wanted);
    if (count >= 1 && count <= 1024) threads = count;
  }
  state_->start(threads);
}

ThreadPool::~ThreadPool() {
  state_->stop();
  delete state_;
}

ThreadPool& ThreadPool::shared() {
  static ThreadPool pool;
  return pool;
}

int ThreadPool::threads() const { return static_cast<int>(state_->workers.size()) + 1; }

void ThreadPool::set_threads(int count) {
  std::lock_guard<std::mutex> lock(state_->owner);
  state_->stop();
  state_->start(count);
}

void ThreadPool::run(int64_t items, Body body, void* context) {
  State& s = *state_;
  std::unique_lock<std::mutex> owner(s.owner, std::try_to_lock);
  if (!owner.owns_lock() || s.workers.empty() || items < 2) {
    for (int64_t item = 0; item < items; item++) body(context, item);
    return;
  }
  bool notify;
  {
    std::lock_guard<std::mutex> lock(s.mutex);
    s.body = body;
    s.context = context;
    s.items = items;
    s.next.store(0, std::memory_order_relaxed);
    s.failure = nullptr;
    s.open = true;
    s.generation.fetch_add(1, std::memory_order_release);
    notify = s.sleeping > 0;
  }
  if (notify) s.wake.notify_all();
  s.take_items();
  {
    std::lock_guard<std::mutex> lock(s.mutex);
    s.open = false;  // nobody joins from here on
  }
  for (int spin = 0; s.working.load(std::memory_order_acquire) > 0; spin++) {
    if (spin < kSpins) pause();
    else std::this_thread::yield();
  }
  if (s.failure) std::rethrow_exception(s.failure);
}

namespace {

struct ScratchBuffer {
  float* data = nullptr;
  int64_t floats = 0;
  ~ScratchBuffer() { std::free(data); }
};

}  // namespace

float* thread_scratch(Scratch slot, int64_t floats) {
  thread_local ScratchBuffer buffers[static_cast<int>(Scratch::count)];
  ScratchBuffer& buffer = buffers[static_cast<int>(slot)];
  if (buffer.floats < floats) {
    std::free(buffer.data);
    buffer.floats = 0;
    const size_t bytes = (static_cast<size_t>(floats) * sizeof(float) + 4095) / 4096 * 4096;
    buffer.data = static_cast<float*>(std::aligned_alloc(64, bytes));
    if (!buffer.data) throw std::bad_alloc();
    buffer.floats = static_cast<int64_t>(bytes / sizeof(float));
  }
  return buffer.data;
}

}  // namespace ocelli
