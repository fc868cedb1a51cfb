// Replays kernel calls that were recorded on another machine (packages/ops/test/kernel-tape.ts writes them) and compares
// all memory that they touch. So kernels compiled for a processor that is only emulated here run on the whole op table.
//
//   ocelli_replay TAPE
//
// A tape is a sequence of calls, numbers little-endian: name (u32 length, bytes); storages (u32 count, each u8
// comparison, u64 bytes, contents before, contents after); tensors (u32 count, each i32 storage or -1, u64 offset);
// scalars (u32 count, f64 each).
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "cpu/device/kernel_sets.h"

using namespace ocelli;

namespace {

std::ifstream tape;

template <class T>
T read() {
  T value;
  tape.read(reinterpret_cast<char*>(&value), sizeof value);
  return value;
}

enum class Comparison : uint8_t { bits, floats, none };

struct Storage {
  Comparison comparison;
  size_t bytes;
  char* data;
  std::vector<char> expected;
};

Storage read_storage() {
  Storage storage;
  storage.comparison = read<Comparison>();
  storage.bytes = read<uint64_t>();
  storage.data = static_cast<char*>(std::aligned_alloc(64, (storage.bytes + 63) / 64 * 64 + 64));
  storage.expected.resize(storage.bytes);
  tape.read(storage.data, storage.bytes);
  tape.read(storage.expected.data(), storage.bytes);
  return storage;
}

// Both sides sum in the same order; what differs is how elementary functions and multiply-adds round: a few units in the
// last place of the largest term, which a difference of large terms magnifies.
bool close(float actual, float expected) {
  if (actual == expected || (actual != actual && expected != expected)) return true;
  return std::fabs(actual - expected) <= 2e-5f + 2e-5f * std::fabs(expected);
}

bool equal(const std::string& name, const Storage& storage) {
  if (storage.comparison == Comparison::none) return true;
  if (storage.comparison == Comparison::bits) {
    if (!std::memcmp(storage.data, storage.expected.data(), storage.bytes)) return true;
    std::printf("%s: bytes differ\n", name.c_str());
    return false;
  }
  for (size_t i = 0; i + 4 <= storage.bytes; i += 4) {
    float actual, expected;
    std::memcpy(&actual, storage.data + i, 4);
    std::memcpy(&expected, storage.expected.data() + i, 4);
    if (close(actual, expected)) continue;
    std::printf("%s: element %zu is %.9g, recorded %.9g\n", name.c_str(), i / 4, actual, expected);
    return false;
  }
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: ocelli_replay TAPE\n");
    return 2;
  }
  tape.open(arguments[1], std::ios::binary);
  const KernelTable& table = choose_table();
  int calls = 0, different = 0;
  for (uint32_t length; tape.read(reinterpret_cast<char*>(&length), sizeof length); calls++) {
    std::string name(length, 0);
    tape.read(&name[0], length);
    std::vector<Storage> storages;
    for (uint32_t left = read<uint32_t>(); left > 0; left--) storages.push_back(read_storage());
    std::vector<void*> tensors;
    for (uint32_t left = read<uint32_t>(); left > 0; left--) {
      const int32_t storage = read<int32_t>();
      const uint64_t offset = read<uint64_t>();
      tensors.push_back(storage < 0 ? nullptr : storages[storage].data + offset);
    }
    std::vector<double> scalars;
    for (uint32_t left = read<uint32_t>(); left > 0; left--) scalars.push_back(read<double>());
    const KernelEntry* entry = table.entries;
    while (entry->name && name != entry->name) entry++;
    if (!entry->name || !tape) {
      std::printf("%s: no such kernel, or the tape is cut off\n", name.c_str());
      return 1;
    }
    entry->run(Call{tensors.data(), scalars.data(), ThreadPool::shared()});
    bool good = true;
    for (const Storage& storage : storages) {
      good = good && equal(name, storage);
      std::free(storage.data);
    }
    different += !good;
  }
  std::printf("%s: %d calls, %d different, panels of %d\n", table.isa, calls, different, table.panel_width);
  return different == 0 && calls > 0 ? 0 : 1;
}
