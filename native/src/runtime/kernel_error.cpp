#include "ocelli/kernel_error.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace ocelli {

KernelError::KernelError() noexcept { message_[0] = 0; }
KernelError::KernelError(const KernelError& other) noexcept : std::exception(other) {
  std::memcpy(message_, other.message_, sizeof message_);
}
KernelError::~KernelError() = default;
const char* KernelError::what() const noexcept { return message_; }

void KernelError::raise(const char* format, ...) {
  KernelError error;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(error.message_, sizeof error.message_, format, arguments);
  va_end(arguments);
  throw error;
}

}  // namespace ocelli
