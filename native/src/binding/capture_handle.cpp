#include "capture_handle.h"

#include <utility>

namespace ocelli {

namespace {

constexpr napi_type_tag kCaptureTag = {0x6f63656c6c690002, 0x4be60c1fd3a8925d};

}  // namespace

void CaptureHandle::release() {
  if (capture) queue->push("release", [last = std::move(capture)]() mutable { last.reset(); });
}

Napi::Value WrapCapture(Napi::Env env, std::shared_ptr<Queue> queue, std::shared_ptr<Capture> capture) {
  auto* handle = new CaptureHandle{std::move(queue), std::move(capture)};
  auto external = Napi::External<CaptureHandle>::New(env, handle, [](Napi::BasicEnv, CaptureHandle* handle) {
    handle->release();
    delete handle;
  });
  external.TypeTag(&kCaptureTag);
  return external;
}

CaptureHandle& UnwrapCapture(Napi::Env env, Napi::Value value) {
  if (!value.IsExternal() || !value.As<Napi::External<CaptureHandle>>().CheckTypeTag(&kCaptureTag)) {
    throw Napi::TypeError::New(env, "internal: a handle of a capture was expected");
  }
  CaptureHandle* handle = value.As<Napi::External<CaptureHandle>>().Data();
  if (!handle->capture) throw Napi::Error::New(env, "internal: this capture has been released");
  return *handle;
}

}  // namespace ocelli
