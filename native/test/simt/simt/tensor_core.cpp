#include "tensor_core.h"

#include <cstring>

#include "block.h"
#include "numbers.h"

namespace simt {
namespace {

constexpr uint32_t kAll = 0xffffffffu;

bool aligned(const void* at, int bytes) { return reinterpret_cast<uintptr_t>(at) % bytes == 0; }

float element(const unsigned char* registers, int index, Operand operand) {
  if (operand == Operand::tf32) {
    float x;
    memcpy(&x, registers + 4 * index, 4);
    return tf32_seen(x);
  }
  uint16_t bits;
  memcpy(&bits, registers + 2 * index, 2);
  return widen(bits, operand == Operand::half ? kHalf : kBFloat16);
}

// Instructions of a whole warp need a whole warp.
void need_whole_warp(Block& block, const char* operation) {
  const int first = block.lane->warp * kWarp;
  const int threads = static_cast<int>(block.threads.x * block.threads.y * block.threads.z);
  if (first + kWarp > threads)
    block.fail(std::string(operation) + ": the last warp of the block has fewer than 32 threads");
}

}  // namespace

void copy_async(void* shared, const void* global, int bytes, bool present) {
  Block& block = current();
  if (!aligned(shared, bytes) || (present && !aligned(global, bytes)))
    block.fail("cp.async of " + std::to_string(bytes) + " bytes: an address is not a multiple of that");
  block.lane->copies.push_back({static_cast<char*>(shared), static_cast<const char*>(global), bytes, present ? bytes : 0});
  memset(shared, 0xff, bytes);
}

void commit_copies() {
  Lane& lane = *current().lane;
  lane.groups.push_back(lane.copies.size());
}

void wait_copies(int newest_in_flight) {
  Lane& lane = *current().lane;
  const int done = static_cast<int>(lane.groups.size()) - newest_in_flight;
  if (done <= 0) return;
  const size_t end = lane.groups[done - 1];
  for (size_t i = 0; i < end; i++) {
    const Copy& copy = lane.copies[i];
    memcpy(copy.to, copy.from, copy.filled);
    memset(copy.to + copy.filled, 0, copy.bytes - copy.filled);
  }
  lane.copies.erase(lane.copies.begin(), lane.copies.begin() + static_cast<long>(end));
  lane.groups.erase(lane.groups.begin(), lane.groups.begin() + done);
  for (size_t& group : lane.groups) group -= end;
}

void load_matrices(uint32_t* registers, const void* row, int count, bool transposed) {
  Block& block = current();
  need_whole_warp(block, "ldmatrix");
  const int lane = block.lane->lane;
  if (lane < 8 * count && !aligned(row, 16)) block.fail("ldmatrix: a row is not at a multiple of 16 bytes");
  block.give(kAll, &row, sizeof row, "ldmatrix");
  const auto row_of = [&](int matrix, int index) {
    const unsigned char* at;
    memcpy(&at, block.given(8 * matrix + index), sizeof at);
    return at;
  };
  for (int matrix = 0; matrix < count; matrix++) {
    uint16_t pair[2];
    for (int e = 0; e < 2; e++) {
      const int along = lane % 4 * 2 + e, across = lane / 4;
      memcpy(&pair[e], row_of(matrix, transposed ? along : across) + 2 * (transposed ? across : along), 2);
    }
    registers[matrix] = pair[0] | static_cast<uint32_t>(pair[1]) << 16;
  }
  block.release(kAll, "ldmatrix");
}

void multiply_matrices(float* d, const uint32_t* a, const uint32_t* b, Operand operand) {
  Block& block = current();
  need_whole_warp(block, "mma.sync");
  unsigned char own[kExchangeBytes];
  memcpy(own, a, 16);
  memcpy(own + 16, b, 8);
  block.give(kAll, own, 24, "mma.sync");
  const int lane = block.lane->lane;
  const bool wide = operand == Operand::tf32;
  const int depth = wide ? 8 : 16;
  // Which lane holds an element, and where in its registers (PTX ISA, "Matrix Fragments for mma").
  const auto at_a = [&](int row, int k) {
    const int holder = row % 8 * 4 + (wide ? k % 4 : k % 8 / 2);
    const int reg = row / 8 + 2 * (k / (wide ? 4 : 8));
    return element(block.given(holder), wide ? reg : 2 * reg + k % 2, operand);
  };
  const auto at_b = [&](int k, int column) {
    const int holder = column * 4 + (wide ? k % 4 : k % 8 / 2);
    const int reg = k / (wide ? 4 : 8);
    return element(block.given(holder) + 16, wide ? reg : 2 * reg + k % 2, operand);
  };
  for (int i = 0; i < 4; i++) {
    const int row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
    double sum = d[i];
    for (int k = 0; k < depth; k++) sum += static_cast<double>(at_a(row, k)) * at_b(k, column);
    d[i] = static_cast<float>(sum);
  }
  block.release(kAll, "mma.sync");
}

}  // namespace simt
