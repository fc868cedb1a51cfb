#pragma once
// Promises that the queue's thread settles.
#include <napi.h>

#include <string>

namespace ocelli {

struct Completion {
  Napi::Promise::Deferred deferred;
  Napi::Reference<Napi::Value> value;
  std::string error;
};

// Keeps the process alive while a promise is pending, and only then.
class Completions {
 public:
  explicit Completions(Napi::Env env);

  Completion* begin(Napi::Env env, Napi::Value value);     // on the JavaScript thread
  void finish(Completion* completion, std::string error);  // on any thread

 private:
  void settle(Napi::Env env, Completion* completion);

  Napi::ThreadSafeFunction function_;
  int pending_ = 0;
};

}  // namespace ocelli
