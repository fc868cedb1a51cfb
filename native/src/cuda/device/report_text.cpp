#include "report_text.h"

#include <cstdio>

#include "table.h"

namespace ocelli::cuda {

namespace {

// Each with the report's values in their order.
const char* sentence(Fault fault) {
  switch (fault) {
    case Fault::id_outside: return "id %lld at position %lld is outside of the table's %lld rows";
    case Fault::target_outside:
      return "target %lld at position %lld is outside of the %lld classes and is not the ignored index %lld";
    case Fault::number_outside: return "value %lld at position %lld does not fit in int32";
    case Fault::rows_outside: return "rows from %lld on do not fit into %lld rows";
    default: return "internal: unknown fault %lld %lld %lld %lld";
  }
}

}  // namespace

std::string report_text(const Report& report) {
  char text[256];
  std::snprintf(text, sizeof text, sentence(static_cast<Fault>(report.fault)), report.values[0], report.values[1],
                report.values[2], report.values[3]);
  return std::string("[") + table.entries[report.kernel].name + "] " + text;
}

}  // namespace ocelli::cuda
