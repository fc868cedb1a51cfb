#pragma once
// What an addon of the executor was asked to do, for tools/cuda. With SIMT_LAUNCHES=FILE in the environment, lines are added
// to the file:
//   call NAME PRECISION SCALARS...        a kernel of the device's table begins
//   launch ADDRESS GX,GY,GZ BX,BY,BZ N    it launches the function at this place of its binary, with N bytes of dynamic
//                                         shared memory
// With SIMT_DRY=1 launches are checked and recorded, and nothing is executed: what a kernel does with sizes of large models
// can be seen, its results are not there.
#include <cstddef>
#include <vector>

#include "block.h"

namespace simt {

void record_call(const char* name, const char* precision, const double* scalars, int count);
void record_launch(const void* function, dim3 grid, dim3 threads, size_t dynamic_bytes);
bool is_dry();

// Dynamic shared memory above 48 KiB must be asked for, once for each kernel; cudaFuncSetAttribute.
void allow_shared(const void* function, size_t bytes);
// Throws std::runtime_error for what a GPU would refuse to launch.
void check_launch(const void* function, dim3 grid, dim3 threads, size_t dynamic_bytes);

// One that is a template is named with all its arguments.
template <class... Parameters>
const void* address_of(void (*kernel)(Parameters...)) {
  return reinterpret_cast<const void*>(kernel);
}

}  // namespace simt
