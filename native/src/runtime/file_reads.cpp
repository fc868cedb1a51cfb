#include "file_reads.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace ocelli {

namespace {

// How far the disk may be ahead of the device: some tens of milliseconds of a fast one.
constexpr size_t kAhead = size_t{64} << 20;
constexpr int kReadsAhead = 256;

struct File {
  explicit File(const std::string& path) : descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  File(const File&) = delete;
  ~File() {
    if (descriptor >= 0) ::close(descriptor);
  }
  const int descriptor;
};

void fetch(int descriptor, size_t position, size_t bytes) {
#if defined(POSIX_FADV_WILLNEED)
  if (descriptor >= 0) posix_fadvise(descriptor, static_cast<off_t>(position), static_cast<off_t>(bytes), POSIX_FADV_WILLNEED);
#else
  (void)descriptor, (void)position, (void)bytes;
#endif
}

}  // namespace

std::function<void(size_t, size_t, char*)> FileReads::announce(const std::string& path, size_t position, size_t bytes) {
  const Read read = {path, position, bytes};
  std::lock_guard<std::mutex> lock(mutex_);
  const uint64_t number = next_number_++;
  queued_[number] = read;
  return [this, number, read](size_t begin, size_t bytes, char* to) {
    run(number, {read.path, read.position + begin, bytes}, to);
  };
}

void FileReads::run(uint64_t number, const Read& read, char* to) {
  const File file(read.path);
  const int failure = errno;
  fetch_ahead(number, read.path, file.descriptor);
  if (file.descriptor < 0) throw std::runtime_error("cannot open " + read.path + ": " + std::strerror(failure));
  for (size_t done = 0; done < read.bytes;) {
    const ssize_t got = ::pread(file.descriptor, to + done, read.bytes - done, static_cast<off_t>(read.position + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw std::runtime_error("cannot read " + read.path + ": " + std::strerror(errno));
    if (got == 0) throw std::runtime_error(read.path + " ends before byte " + std::to_string(read.position + read.bytes));
    done += static_cast<size_t>(got);
  }
}

void FileReads::fetch_ahead(uint64_t number, const std::string& open_path, int descriptor) {
  std::lock_guard<std::mutex> lock(mutex_);
  queued_.erase(queued_.begin(), queued_.upper_bound(number));
  size_t ahead = 0;
  int reads = 0;
  for (const auto& [next, read] : queued_) {
    ahead += read.bytes;
    if (ahead > kAhead || ++reads > kReadsAhead) break;
    if (next < fetched_) continue;
    if (read.path == open_path) fetch(descriptor, read.position, read.bytes);
    else fetch(File(read.path).descriptor, read.position, read.bytes);
    fetched_ = next + 1;
  }
}

}  // namespace ocelli
