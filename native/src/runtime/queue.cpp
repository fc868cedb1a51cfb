#include "queue.h"

#include <chrono>
#include <cstdio>
#include <exception>
#include <new>

namespace ocelli {

namespace {

// `[layer_norm] out of memory (sizes 64, 768, 1e-05)`: the scalars of a kernel are its sizes and settings.
std::string describe(const char* name, const KernelEntry* entry, const double* scalars, const char* what) {
  std::string text = std::string("[") + name + "] " + what;
  if (entry && entry->scalars > 0) {
    text += " (sizes and settings ";
    for (int i = 0; i < entry->scalars; i++) {
      char number[32];
      std::snprintf(number, sizeof number, "%s%.9g", i ? ", " : "", scalars[i]);
      text += number;
    }
    text += ")";
  }
  return text;
}

}  // namespace

Queue::Queue(std::shared_ptr<Device> device) : device_(std::move(device)), thread_([this] { work(); }) {}

Queue::~Queue() { stop(); }

void Queue::push(Command&& command) {
  bool notify;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    commands_.push_back(std::move(command));
    notify = sleeping_;
  }
  if (notify) wake_.notify_one();
}

void Queue::push(const KernelCommand& command) { push(Command{command, command.entry->name, nullptr, nullptr}); }

void Queue::push(const char* name, std::function<void()> task) { push(Command{{}, name, std::move(task), nullptr}); }

void Queue::push_wait(std::function<void(std::string)> done) { push(Command{{}, "wait", nullptr, std::move(done)}); }

void Queue::drain() {
  std::unique_lock<std::mutex> lock(mutex_);
  idle_.wait(lock, [&] { return commands_.empty() && !busy_; });
}

void Queue::start_profile() {
  drain();
  profile_.clear();
  profiling_ = true;
}

Profile Queue::stop_profile() {
  drain();
  profiling_ = false;
  return std::exchange(profile_, {});
}

void Queue::stop() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    commands_.clear();
  }
  wake_.notify_all();
  thread_.join();
  finish();
}

void Queue::work() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    busy_ = false;
    if (commands_.empty()) {
      idle_.notify_all();
      sleeping_ = true;
      wake_.wait(lock, [&] { return stopping_ || !commands_.empty(); });
      sleeping_ = false;
    }
    if (stopping_) return;
    busy_ = true;
    {
      Command command = std::move(commands_.front());
      commands_.pop_front();
      lock.unlock();
      execute(command);
    }  // what it holds may take time to let go of
    lock.lock();
  }
}

void Queue::execute(Command& command) {
  if (command.done) {
    finish();
    std::string failure;
    failure.swap(failure_);
    command.done(std::move(failure));
    return;
  }
  if (!failure_.empty()) return;
  if (!profiling_) return run(command);
  finish();
  const auto begin = std::chrono::steady_clock::now();
  run(command);
  finish();
  const auto end = std::chrono::steady_clock::now();
  const KernelEntry* entry = command.kernel.entry;
  const double* scalars = command.kernel.scalars;
  CommandTime& time = profile_[{command.name, {scalars, scalars + (entry ? entry->scalars : 0)}}];
  time.calls++;
  time.nanoseconds += std::chrono::duration_cast<std::chrono::nanoseconds>(end - begin).count();
}

// A device reports here what its kernels met since the last time.
void Queue::finish() {
  try {
    device_->finish();
  } catch (const std::exception& error) {
    if (failure_.empty()) failure_ = error.what();
  }
}

void Queue::run(Command& command) {
  const KernelEntry* entry = command.kernel.entry;
  try {
    if (command.task) command.task();
    else device_->run(*entry, command.kernel.tensors, command.kernel.scalars);
  } catch (const std::bad_alloc&) {
    failure_ = describe(command.name, entry, command.kernel.scalars, "out of memory");
  } catch (const std::exception& error) {
    failure_ = describe(command.name, command.task ? nullptr : entry, command.kernel.scalars, error.what());
  }
}

}  // namespace ocelli
