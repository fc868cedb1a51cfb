#pragma once
// What every kernel of this folder includes: CUDA's headers, or with OCELLI_SIMT the executor of test/simt, which runs the
// same source on the host. Two things are spelled in a way that both understand: launches and shared memory.
#ifdef OCELLI_SIMT

#include "simt/cuda.h"
#include "simt/runtime.h"
#include "simt/tensor_core.h"

// A variable in shared memory: OCELLI_SHARED(tile, float[16][17]);
#define OCELLI_SHARED(name, ...)                                     \
  using name##_type = __VA_ARGS__;                                   \
  static const char name##_tag = 0;                                  \
  name##_type& name = *static_cast<name##_type*>(                    \
      ::simt::current().static_shared(&name##_tag, sizeof(name##_type), alignof(name##_type) > 16 ? alignof(name##_type) : 16))
// The launch's dynamic shared memory as elements of a type.
#define OCELLI_DYNAMIC_SHARED(name, type) type* name = reinterpret_cast<type*>(::simt::current().dynamic_shared())
#define OCELLI_LAUNCH(kernel, grid, block, bytes, stream, ...)            \
  ::simt::launch_on(stream, ::simt::address_of(kernel), grid, block, bytes, \
                    [=](auto... arguments) { kernel(arguments...); }, __VA_ARGS__)

#else

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#include <cuda_runtime.h>

#include <cstdint>

#define OCELLI_SHARED(name, ...)   \
  using name##_type = __VA_ARGS__; \
  __shared__ __align__(16) name##_type name
#define OCELLI_DYNAMIC_SHARED(name, type)                       \
  extern __shared__ __align__(128) unsigned char dynamic_shared[]; \
  type* name = reinterpret_cast<type*>(dynamic_shared)
#define OCELLI_LAUNCH(kernel, grid, block, bytes, stream, ...) kernel<<<grid, block, bytes, stream>>>(__VA_ARGS__)

#endif
