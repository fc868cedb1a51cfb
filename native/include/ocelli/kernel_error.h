#pragma once
#include <exception>

namespace ocelli {

// A kernel met data that it cannot serve, say an id outside of its table. Thrown on the calling thread only, never from a
// body that the pool runs. Everything is defined in runtime/kernel_error.cpp: kernels are compiled once per instruction
// set, and an inline member would be shared between the sets.
struct KernelError : std::exception {
  KernelError(const KernelError& other) noexcept;
  KernelError& operator=(const KernelError&) = delete;
  ~KernelError() override;
  const char* what() const noexcept override;

  // Throws; the arguments are printf's.
  [[noreturn]] static void raise(const char* format, ...) __attribute__((format(printf, 1, 2)));

 private:
  KernelError() noexcept;
  char message_[256];
};

}  // namespace ocelli
