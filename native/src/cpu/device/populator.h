#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>

namespace ocelli {

// Has the system back new memory with pages before anybody writes to it, on a thread of its own: behind a hypervisor that takes
// free memory back, the first touch costs ten times what a kernel then does with it. What is in the memory stays as it is,
// whoever writes there meanwhile, so that nobody waits for this. Does nothing where the system cannot (Linux before 5.14).
class Populator {
 public:
  ~Populator();
  void add(char* data, size_t bytes);
  void clear();  // forgets all that was added; from its return on none of it is touched

 private:
  struct Range {
    char* data;
    size_t bytes;
  };
  void work();

  std::mutex mutex_;
  std::condition_variable wake_, idle_;
  std::deque<Range> ranges_;  // in the order of the blocks' allocation, about that of their use
  bool busy_ = false, stopping_ = false;
  std::thread thread_;  // from the first range on
};

}  // namespace ocelli
