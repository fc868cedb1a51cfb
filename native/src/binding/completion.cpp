#include "completion.h"

namespace ocelli {

Completions::Completions(Napi::Env env)
    : function_(Napi::ThreadSafeFunction::New(env, Napi::Function::New(env, [](const Napi::CallbackInfo&) {}),
                                              "ocelli queue", 0, 1)) {
  function_.Unref(env);
}

Completion* Completions::begin(Napi::Env env, Napi::Value value) {
  auto* completion = new Completion{Napi::Promise::Deferred::New(env), {}, {}};
  // Undefined and other primitives cannot be referenced by Node-API; only an object has to be kept.
  if (value.IsObject()) completion->value = Napi::Reference<Napi::Value>::New(value, 1);
  if (pending_++ == 0) function_.Ref(env);
  return completion;
}

void Completions::finish(Completion* completion, std::string error) {
  completion->error = std::move(error);
  function_.NonBlockingCall(completion, [this](Napi::Env env, Napi::Function, Completion* completion) {
    try {
      if (env != nullptr) settle(env, completion);
    } catch (const Napi::Error&) {
      // The environment is being terminated, and nobody waits any more.
    }
    delete completion;
  });
}

void Completions::settle(Napi::Env env, Completion* completion) {
  Napi::HandleScope scope(env);
  if (--pending_ == 0) function_.Unref(env);
  if (!completion->error.empty()) completion->deferred.Reject(Napi::Error::New(env, completion->error).Value());
  else completion->deferred.Resolve(completion->value.IsEmpty() ? env.Undefined() : completion->value.Value());
}

}  // namespace ocelli
