#pragma once
#include <string>

#include "../report.cuh"

namespace ocelli::cuda {

// `[embedding] id 9 at position 2 is outside of the table's 5 rows`
std::string report_text(const Report& report);

}  // namespace ocelli::cuda
