#include "kernels.h"

#include <cstdlib>
#include <stdexcept>

namespace ocelli {

#if defined(__x86_64__)
namespace avx512 { extern const KernelTable table; }
namespace avx2 { extern const KernelTable table; }
#endif
#if defined(OCELLI_WIDE)
namespace wide { extern const KernelTable table; }
#endif
namespace portable { extern const KernelTable table; }

const std::vector<const KernelTable*>& supported_tables() {
  static const std::vector<const KernelTable*> tables = [] {
    std::vector<const KernelTable*> found;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4")) found.push_back(&avx512::table);
    if (__builtin_cpu_supports("x86-64-v3")) found.push_back(&avx2::table);
#endif
    found.push_back(&portable::table);
#if defined(OCELLI_WIDE)
    if (__builtin_cpu_supports("x86-64-v3")) found.push_back(&wide::table);
#endif
    return found;
  }();
  return tables;
}

const KernelTable& choose_table() {
  const char* wanted = std::getenv("OCELLI_ISA");
  if (!wanted || !*wanted) return *supported_tables().front();
  std::string names;
  for (const KernelTable* table : supported_tables()) {
    if (std::string(wanted) == table->isa) return *table;
    names += (names.empty() ? "" : ", ") + std::string(table->isa);
  }
  throw std::runtime_error("[ops] OCELLI_ISA is " + std::string(wanted) + "; this processor runs " + names);
}

}  // namespace ocelli
