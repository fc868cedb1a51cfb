#include "kernel_sets.h"

#include <cstdlib>
#include <stdexcept>

namespace ocelli {

// The build says which instruction sets are in: OCELLI_HAS_<name>.
#if defined(OCELLI_HAS_avx512)
namespace avx512 { extern const KernelTable table; }
#endif
#if defined(OCELLI_HAS_avx2)
namespace avx2 { extern const KernelTable table; }
#endif
#if defined(OCELLI_HAS_wide)
namespace wide { extern const KernelTable table; }
#endif
#if defined(OCELLI_HAS_neon)
namespace neon { extern const KernelTable table; }
#endif
#if defined(OCELLI_HAS_portable)
namespace portable { extern const KernelTable table; }
#endif

const std::vector<const KernelTable*>& supported_tables() {
  static const std::vector<const KernelTable*> tables = [] {
    std::vector<const KernelTable*> found;
#if defined(__x86_64__)
    __builtin_cpu_init();
#endif
#if defined(OCELLI_HAS_avx512)
    if (__builtin_cpu_supports("x86-64-v4")) found.push_back(&avx512::table);
#endif
#if defined(OCELLI_HAS_avx2)
    if (__builtin_cpu_supports("x86-64-v3")) found.push_back(&avx2::table);
#endif
#if defined(OCELLI_HAS_wide)
    if (__builtin_cpu_supports("x86-64-v3")) found.push_back(&wide::table);
#endif
#if defined(OCELLI_HAS_neon)
    found.push_back(&neon::table);
#endif
#if defined(OCELLI_HAS_portable)
    found.push_back(&portable::table);
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
