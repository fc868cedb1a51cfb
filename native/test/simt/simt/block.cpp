#include "block.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <mutex>
#include <new>
#include <stdexcept>
#include <thread>

namespace simt {
namespace {

constexpr int kPoison = 0xff;  // NaN in every floating-point type, -1 in every integer
constexpr size_t kMostThreads = 1024;

thread_local Block* running = nullptr;

char* allocate(size_t bytes, size_t alignment) {
  // Exactly as many bytes as asked for: what lies behind them belongs to AddressSanitizer.
  void* memory = nullptr;
  if (posix_memalign(&memory, std::max(alignment, sizeof(void*)), std::max<size_t>(bytes, 1)) != 0) throw std::bad_alloc();
  return static_cast<char*>(memory);
}

std::string threads_text(const std::vector<std::unique_ptr<Lane>>& lanes, Wait wait, const char* operation) {
  std::string text;
  for (size_t i = 0; i < lanes.size(); i++) {
    const auto here = [&](size_t at) { return lanes[at]->wait == wait && lanes[at]->operation == operation; };
    if (!here(i)) continue;
    const size_t begin = i;
    while (i + 1 < lanes.size() && here(i + 1)) i++;
    text += (text.empty() ? "" : ", ") + std::to_string(begin) + (i > begin ? "-" + std::to_string(i) : "");
  }
  return text;
}

}  // namespace

Block& current() {
  if (!running) throw std::logic_error("simt: this may only be called by a kernel");
  return *running;
}

Block::Block(dim3 grid, dim3 threads, size_t dynamic_bytes, uint64_t seed)
    : grid(grid), threads(threads), dynamic_bytes_(dynamic_bytes), random_(seed * 0x9e3779b97f4a7c15ull | 1) {
  const size_t count = size_t{threads.x} * threads.y * threads.z;
  if (count == 0 || count > kMostThreads)
    throw std::runtime_error("simt: a block has 1 to 1024 threads, not " + std::to_string(count));
  dynamic_ = allocate(dynamic_bytes, 128);
  warps_.resize((count + kWarp - 1) / kWarp);
  for (size_t i = 0; i < count; i++) {
    lanes_.push_back(std::make_unique<Lane>());
    Lane& lane = *lanes_.back();
    lane.index = static_cast<int>(i);
    lane.warp = lane.index / kWarp;
    lane.lane = lane.index % kWarp;
    const unsigned n = static_cast<unsigned>(i);
    lane.thread = {n % threads.x, n / threads.x % threads.y, n / (threads.x * threads.y)};
  }
}

Block::~Block() {
  free(dynamic_);
  for (const Shared& shared : static_) free(shared.memory);
}

void Block::run(uint3 at, const std::function<void()>& body) {
  index = at;
  body_ = &body;
  alive_ = static_cast<int>(lanes_.size());
  at_barrier_ = predicates_ = 0;
  memset(dynamic_, kPoison, dynamic_bytes_);
  for (const Shared& shared : static_) memset(shared.memory, kPoison, shared.bytes);
  for (Warp& warp : warps_) {
    warp.alive = warp.arrived = 0;
    memset(warp.exchange, kPoison, sizeof warp.exchange);
  }
  for (auto& one : lanes_) {
    one->wait = Wait::none;
    one->operation = nullptr;
    one->copies.clear();
    one->groups.clear();
    warps_[one->warp].alive |= 1u << one->lane;
    one->fiber.start([](void* block) { static_cast<Block*>(block)->lane_main(); }, this);
  }
  Block* before = running;
  running = this;
  while (alive_ > 0 && error_.empty()) pass();
  running = before;
  if (!error_.empty()) throw std::runtime_error(error_);
}

void Block::lane_main() {
  try {
    (*body_)();
    if (!lane->copies.empty()) fail("a thread ended with cp.async in flight; wait for its groups");
  } catch (const std::exception& error) {
    // The launch ends here, so the other lanes stay as they are.
    error_ = place() + error.what();
  }
  Lane& own = *lane;
  own.wait = Wait::ended;
  alive_--;
  Warp& warp = warps_[own.warp];
  warp.alive &= ~(1u << own.lane);
  warp.needed &= ~(1u << own.lane);
  memset(warp.exchange[own.lane], kPoison, kExchangeBytes);
  own.fiber.leave();
}

// Every lane that can run does so until it waits; then those go on whose barrier is complete.
void Block::pass() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  const size_t count = lanes_.size();
  const size_t start = random_ % count;
  const size_t step = random_ >> 40 & 1 ? 1 : count - 1;
  bool ran = false;
  for (size_t i = 0; i < count; i++) {
    Lane& next = *lanes_[(start + i * step) % count];
    if (next.wait != Wait::none) continue;
    ran = true;
    lane = &next;
    next.fiber.resume();
    if (!error_.empty()) return;
  }
  for (Warp& warp : warps_) {
    // The last one that was waited for may have ended instead of arriving.
    if (warp.arrived == 0 || (warp.needed & ~warp.arrived) != 0) continue;
    warp.arrived = 0;
    ran = true;
    for (auto& one : lanes_)
      if (&warps_[one->warp] == &warp && one->wait == Wait::warp) one->wait = Wait::none;
  }
  if (alive_ > 0 && at_barrier_ == alive_) {
    at_barrier_ = 0;
    agreed_ = predicates_;
    predicates_ = 0;
    ran = true;
    for (auto& one : lanes_)
      if (one->wait == Wait::block) one->wait = Wait::none;
  }
  if (!ran && alive_ > 0) error_ = deadlock();
}

int Block::barrier(int predicate, const char* operation) {
  Lane& own = *lane;
  predicates_ += predicate != 0;
  own.wait = Wait::block;
  own.operation = operation;
  at_barrier_++;
  own.fiber.suspend();
  return agreed_;
}

void Block::meet(uint32_t mask, const char* operation) {
  Lane& own = *lane;
  Warp& warp = warps_[own.warp];
  if (!(mask >> own.lane & 1)) fail(std::string(operation) + ": the mask does not name the thread that calls");
  mask &= warp.alive;
  if (warp.arrived == 0) {
    warp.needed = mask;
    warp.operation = operation;
  } else if (warp.needed != mask) {
    fail(std::string(operation) + ": threads of a warp disagree on the mask");
  } else if (strcmp(warp.operation, operation) != 0) {
    fail("threads of a warp meet in different operations, " + std::string(warp.operation) + " and " + operation);
  }
  warp.arrived |= 1u << own.lane;
  if (warp.arrived == warp.needed) {
    warp.arrived = 0;
    for (auto& one : lanes_)
      if (one->warp == own.warp && one->wait == Wait::warp) one->wait = Wait::none;
    return;
  }
  own.wait = Wait::warp;
  own.operation = operation;
  own.fiber.suspend();
}

void Block::give(uint32_t mask, const void* value, size_t bytes, const char* operation) {
  memcpy(warps_[lane->warp].exchange[lane->lane], value, bytes);
  meet(mask, operation);
}

const unsigned char* Block::given(int from) const { return warps_[lane->warp].exchange[from]; }

void* Block::static_shared(const void* tag, size_t bytes, size_t alignment) {
  for (const Shared& shared : static_)
    if (shared.tag == tag) return shared.memory;
  char* memory = allocate(bytes, alignment);
  memset(memory, kPoison, bytes);
  static_.push_back({tag, memory, bytes});
  return memory;
}

std::string Block::place() const {
  const auto text = [](uint3 at) {
    return "(" + std::to_string(at.x) + ", " + std::to_string(at.y) + ", " + std::to_string(at.z) + ")";
  };
  return "simt: block " + text(index) + ", thread " + text(lane->thread) + ": ";
}

void Block::fail(const std::string& message) { throw std::runtime_error(message); }

std::string Block::deadlock() const {
  std::string text = "simt: block (" + std::to_string(index.x) + ", " + std::to_string(index.y) + ", " +
                     std::to_string(index.z) + "): deadlock, since not every thread gets there:";
  std::vector<std::pair<Wait, const char*>> seen;
  for (const auto& one : lanes_) {
    const std::pair<Wait, const char*> kind{one->wait, one->operation};
    if (one->wait == Wait::ended || std::find(seen.begin(), seen.end(), kind) != seen.end()) continue;
    seen.push_back(kind);
    text += (seen.size() > 1 ? "; " : " ") + std::string("threads ") +
            threads_text(lanes_, one->wait, one->operation) + " wait in " + one->operation;
  }
  return text;
}

namespace {

std::atomic<uint64_t> launch_seed{[] {
  const char* text = getenv("SIMT_SEED");
  return text ? strtoull(text, nullptr, 10) : 1ull;
}()};

}  // namespace

void set_seed(uint64_t seed) { launch_seed = seed; }

void launch(dim3 grid, dim3 threads, size_t dynamic_bytes, const std::function<void()>& body) {
  const uint64_t blocks = uint64_t{grid.x} * grid.y * grid.z;
  if (blocks == 0) throw std::runtime_error("simt: a grid has at least one block");
  const char* wanted = getenv("SIMT_THREADS");
  const uint64_t most = wanted ? strtoull(wanted, nullptr, 10) : std::thread::hardware_concurrency();
  std::atomic<uint64_t> next{0};
  std::mutex mutex;
  std::exception_ptr error;
  const auto work = [&] {
    try {
      Block block(grid, threads, dynamic_bytes, launch_seed);
      for (uint64_t i; (i = next++) < blocks;) {
        const uint3 at{static_cast<unsigned>(i % grid.x), static_cast<unsigned>(i / grid.x % grid.y),
                       static_cast<unsigned>(i / (uint64_t{grid.x} * grid.y))};
        block.run(at, body);
      }
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      if (!error) error = std::current_exception();
      next = blocks;
    }
  };
  std::vector<std::thread> helpers;
  for (uint64_t i = 1; i < std::min(most, blocks); i++) helpers.emplace_back(work);
  work();
  for (std::thread& helper : helpers) helper.join();
  if (error) std::rethrow_exception(error);
}

}  // namespace simt
