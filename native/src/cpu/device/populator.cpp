#include "populator.h"

#include <system_error>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace ocelli {

namespace {

// A huge page. The system's lock on the address space is held for so long, and other threads' requests for memory wait for it.
constexpr size_t kPiece = size_t{2} << 20;

}  // namespace

Populator::~Populator() {
  clear();
  if (!thread_.joinable()) return;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Populator::add(char* data, size_t bytes) {
#if defined(MADV_POPULATE_WRITE)
  std::lock_guard<std::mutex> lock(mutex_);
  try {
    if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
  } catch (const std::system_error&) {
    return;  // no thread is to be had; whoever writes first takes the faults
  }
  ranges_.push_back({data, bytes});
  wake_.notify_one();
#else
  (void)data, (void)bytes;
#endif
}

void Populator::clear() {
  std::unique_lock<std::mutex> lock(mutex_);
  ranges_.clear();
  idle_.wait(lock, [&] { return !busy_; });
}

void Populator::work() {
#if defined(MADV_POPULATE_WRITE)
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stopping_ || !ranges_.empty(); });
    if (stopping_) return;
    Range& first = ranges_.front();
    const Range piece = {first.data, first.bytes < kPiece ? first.bytes : kPiece};
    first.data += piece.bytes;
    first.bytes -= piece.bytes;
    if (first.bytes == 0) ranges_.pop_front();
    busy_ = true;
    lock.unlock();
    madvise(piece.data, piece.bytes, MADV_POPULATE_WRITE);  // where it fails, the first write tries again
    lock.lock();
    busy_ = false;
    idle_.notify_all();
  }
#endif
}

}  // namespace ocelli
