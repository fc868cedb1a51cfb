#include "record.h"

#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <unordered_map>

namespace simt {
namespace {

constexpr size_t kSharedWithoutAsking = 48 * 1024;

std::mutex mutex;
std::unordered_map<const void*, size_t> allowed;

void append(const std::string& line) {
  const char* path = getenv("SIMT_LAUNCHES");
  if (!path || !*path) return;
  const std::lock_guard<std::mutex> lock(mutex);
  FILE* file = fopen(path, "a");
  if (!file) throw std::runtime_error(std::string("simt: SIMT_LAUNCHES=") + path + " cannot be written");
  fputs(line.c_str(), file);
  fclose(file);
}

bool is_recording() {
  const char* path = getenv("SIMT_LAUNCHES");
  return path && *path;
}

std::string text(dim3 size) {
  return std::to_string(size.x) + "," + std::to_string(size.y) + "," + std::to_string(size.z);
}

}  // namespace

bool is_dry() {
  const char* wanted = getenv("SIMT_DRY");
  return wanted && *wanted == '1';
}

void record_call(const char* name, const char* precision, const double* scalars, int count) {
  if (!is_recording()) return;
  std::string line = std::string("call ") + name + " " + precision;
  for (int i = 0; i < count; i++) {
    char number[32];
    snprintf(number, sizeof number, " %.17g", scalars[i]);
    line += number;
  }
  append(line + "\n");
}

void record_launch(const void* function, dim3 grid, dim3 threads, size_t dynamic_bytes) {
  if (!is_recording()) return;
  Dl_info binary;
  if (!dladdr(function, &binary)) throw std::logic_error("simt: a kernel lies in no binary");
  const auto place = reinterpret_cast<uintptr_t>(function) - reinterpret_cast<uintptr_t>(binary.dli_fbase);
  char address[32];
  snprintf(address, sizeof address, "%zx", static_cast<size_t>(place));
  append(std::string("launch ") + address + " " + text(grid) + " " + text(threads) + " " + std::to_string(dynamic_bytes) + "\n");
}

void allow_shared(const void* function, size_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex);
  allowed[function] = bytes;
}

void check_launch(const void* function, dim3 grid, dim3 threads, size_t dynamic_bytes) {
  if (grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535)
    throw std::runtime_error("simt: a grid has at most 2^31 - 1, 65535 and 65535 blocks, not " + text(grid));
  if (threads.z > 64) throw std::runtime_error("simt: a block has at most 64 threads along z, not " + text(threads));
  if (dynamic_bytes <= kSharedWithoutAsking) return;
  const std::lock_guard<std::mutex> lock(mutex);
  const auto found = allowed.find(function);
  if (found == allowed.end() || found->second < dynamic_bytes)
    throw std::runtime_error("simt: " + std::to_string(dynamic_bytes) +
                             " bytes of dynamic shared memory need cudaFuncSetAttribute of the kernel first");
}

}  // namespace simt
