#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace ocelli {

// Reads of files, in queue order. Those that are queued are known before they run: each asks the system to
// bring the next ones into its cache, so that a disk works while the device converts and packs.
class FileReads {
 public:
  // What reads a part of these bytes, or all, when the queue comes to it; it throws where they cannot be read. `this`
  // outlives it.
  std::function<void(size_t begin, size_t bytes, char* to)> announce(const std::string& path, size_t position, size_t bytes);

 private:
  struct Read {
    std::string path;
    size_t position, bytes;
  };
  void run(uint64_t number, const Read& read, char* to);
  void fetch_ahead(uint64_t number, const std::string& open_path, int descriptor);

  std::mutex mutex_;                 // of the next two
  std::map<uint64_t, Read> queued_;  // by number; reads that the queue skipped after a failure go with the next one that runs
  uint64_t next_number_ = 0;
  // Used by the queue's thread only: reads before this one have been asked for.
  uint64_t fetched_ = 0;
};

}  // namespace ocelli
