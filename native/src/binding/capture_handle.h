#pragma once
// A capture as JavaScript holds it: an external with a type tag.
#include <napi.h>

#include <memory>

#include "../runtime/capture.h"
#include "../runtime/queue.h"

namespace ocelli {

// What the capture holds is given up on the queue's thread, behind what still runs with it: by `release_capture`, or when
// the handle is collected.
struct CaptureHandle {
  std::shared_ptr<Queue> queue;
  std::shared_ptr<Capture> capture;  // null once it is released

  void release();
};

Napi::Value WrapCapture(Napi::Env env, std::shared_ptr<Queue> queue, std::shared_ptr<Capture> capture);
CaptureHandle& UnwrapCapture(Napi::Env env, Napi::Value value);  // throws for anything but a live handle

}  // namespace ocelli
