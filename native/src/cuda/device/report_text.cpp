#include "report_text.h"

#include <cstdio>

#include "table.h"

namespace ocelli::cuda {

namespace {

// Each with the report's three values in their order.
const char* sentence(Fault fault) {
  switch (fault) {
    case Fault::id_outside: return "id %lld at position %lld is outside of the table's %lld rows";
    case Fault::target_outside: return "target %lld of row %lld is outside of the %lld classes";
    case Fault::number_outside: return "%lld at position %lld does not fit into int32";
    default: return "internal: unknown fault %lld %lld %lld";
  }
}

}  // namespace

std::string report_text(const Report& report) {
  char text[256];
  std::snprintf(text, sizeof text, sentence(static_cast<Fault>(report.fault)), report.values[0], report.values[1],
                report.values[2]);
  return std::string("[") + table.entries[report.kernel].name + "] " + text;
}

}  // namespace ocelli::cuda
