#include "fiber.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#ifdef SIMT_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

// Saves the registers that a callee must keep, stores the stack pointer to *save and goes on with the stack `to`.
extern "C" void simt_switch(void** save, void* to);
extern "C" void simt_fiber_entry();

#if defined(__x86_64__)
asm(R"(
.text
.p2align 4
.globl simt_switch
.type simt_switch,@function
simt_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size simt_switch, .-simt_switch
.globl simt_fiber_entry
.type simt_fiber_entry,@function
simt_fiber_entry:
  movq %r12, %rdi
  callq *%r13
  ud2
.size simt_fiber_entry, .-simt_fiber_entry
)");
#elif defined(__aarch64__)
asm(R"(
.text
.p2align 4
.globl simt_switch
simt_switch:
  sub sp, sp, #160
  stp x19, x20, [sp]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.globl simt_fiber_entry
simt_fiber_entry:
  mov x0, x19
  blr x20
  brk #1
)");
#else
#error "the executor's fibers are written for x86-64 and aarch64"
#endif

namespace simt {

Fiber::~Fiber() { free(stack_); }

void Fiber::start(void (*entry)(void*), void* argument) {
  if (!stack_) {
    void* memory = nullptr;
    if (posix_memalign(&memory, 64, kStackBytes) != 0) throw std::bad_alloc();
    stack_ = static_cast<char*>(memory);
  }
#ifdef SIMT_ADDRESS_SANITIZER
  __asan_unpoison_memory_region(stack_, kStackBytes);
#endif
  entry_ = entry;
  argument_ = argument;
  void (*const first)(Fiber*) = &Fiber::begin;
  // The frame that simt_switch pops: simt_fiber_entry finds the fiber and the function in kept registers.
  char* top = stack_ + kStackBytes - 64;
#if defined(__x86_64__)
  // r15 r14 r13 r12 rbx rbp, return address, and what leaves the stack pointer where a call expects it.
  void** frame = reinterpret_cast<void**>(top) - 9;
  memset(frame, 0, 72);
  frame[2] = reinterpret_cast<void*>(first);
  frame[3] = this;
  frame[6] = reinterpret_cast<void*>(&simt_fiber_entry);
#else
  void** frame = reinterpret_cast<void**>(top - 160);
  memset(frame, 0, 160);
  frame[0] = this;
  frame[1] = reinterpret_cast<void*>(first);
  frame[11] = reinterpret_cast<void*>(&simt_fiber_entry);
#endif
  own_ = frame;
}

void Fiber::begin(Fiber* self) {
#ifdef SIMT_ADDRESS_SANITIZER
  __sanitizer_finish_switch_fiber(nullptr, &self->caller_bottom_, &self->caller_bytes_);
#endif
  self->entry_(self->argument_);
  abort();
}

void Fiber::resume() {
#ifdef SIMT_ADDRESS_SANITIZER
  void* fake = nullptr;
  __sanitizer_start_switch_fiber(&fake, stack_, kStackBytes);
  simt_switch(&caller_, own_);
  __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#else
  simt_switch(&caller_, own_);
#endif
}

void Fiber::suspend() {
#ifdef SIMT_ADDRESS_SANITIZER
  void* fake = nullptr;
  __sanitizer_start_switch_fiber(&fake, caller_bottom_, caller_bytes_);
  simt_switch(&own_, caller_);
  __sanitizer_finish_switch_fiber(fake, &caller_bottom_, &caller_bytes_);
#else
  simt_switch(&own_, caller_);
#endif
}

void Fiber::leave() {
#ifdef SIMT_ADDRESS_SANITIZER
  __sanitizer_start_switch_fiber(nullptr, caller_bottom_, caller_bytes_);
#endif
  simt_switch(&own_, caller_);
  abort();
}

}  // namespace simt
