#pragma once
#include <condition_variable>
#include <deque>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "device.h"
#include "ocelli/kernel.h"

namespace ocelli {

struct KernelCommand {
  const KernelEntry* entry;
  void* tensors[kMostTensors];
  double scalars[kMostScalars];
};

// What profiled commands took: by name and, for a kernel, its sizes and settings.
struct CommandTime {
  uint64_t calls = 0, nanoseconds = 0;
};
using Profile = std::map<std::pair<const char*, std::vector<double>>, CommandTime>;

// An ordered queue with a thread of its own, in front of a device. Commands run one after another.
// The first failure is kept, and what comes after it is skipped, until a wait collects it.
class Queue {
 public:
  explicit Queue(std::shared_ptr<Device> device);
  ~Queue();

  void push(const KernelCommand& command);
  // `task` may throw; `name` opens the message.
  void push(const char* name, std::function<void()> task);
  // `done(error)` is called on the queue's thread when everything before it has run; error is empty or the failure.
  void push_wait(std::function<void(std::string error)> done);
  void drain();  // blocks until the queue is empty
  // From here on every command is timed; waits do not count. Both of these drain the queue first.
  void start_profile();
  Profile stop_profile();
  void stop();   // drops what is queued, joins the thread, waits for what the device has under way

 private:
  struct Command {
    KernelCommand kernel;
    const char* name;
    std::function<void()> task;
    std::function<void(std::string)> done;
  };
  void push(Command&& command);
  void work();
  void execute(Command& command);
  void run(Command& command);
  void finish();

  const std::shared_ptr<Device> device_;
  std::mutex mutex_;
  std::condition_variable wake_, idle_;
  std::deque<Command> commands_;
  std::string failure_;
  bool busy_ = false, sleeping_ = false, stopping_ = false;
  bool profiling_ = false;  // changes only while the queue is idle, so that its thread reads it without a lock
  Profile profile_;
  std::thread thread_;
};

}  // namespace ocelli
