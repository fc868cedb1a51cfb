#pragma once
// A stack of its own that runs a function until it gives the processor back. A switch is a dozen instructions: swapcontext
// would make two system calls for each.
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define SIMT_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIMT_ADDRESS_SANITIZER 1
#endif
#endif

namespace simt {

class Fiber {
 public:
  static constexpr size_t kStackBytes = 128 << 10;

  Fiber() = default;
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  ~Fiber();

  // The next resume() starts entry(argument), which must end with leave() and not return. What an earlier run left on the
  // stack is forgotten.
  void start(void (*entry)(void*), void* argument);

  // Runs the fiber until it suspends or leaves.
  void resume();

  // Called on the fiber: back to whoever resumed it.
  void suspend();

  // Called on the fiber: back for the last time.
  [[noreturn]] void leave();

 private:
  static void begin(Fiber* self);

  char* stack_ = nullptr;
  void* own_ = nullptr;     // stack pointer of the fiber while it is suspended
  void* caller_ = nullptr;  // stack pointer of the one who resumed it
  void (*entry_)(void*) = nullptr;
  void* argument_ = nullptr;
#ifdef SIMT_ADDRESS_SANITIZER
  const void* caller_bottom_ = nullptr;
  size_t caller_bytes_ = 0;
#endif
};

}  // namespace simt
