# The addon of CUDA devices. With OCELLI_CUDA=emulated, the same kernels and the same code that launches them are built by
# the host's compiler against the executor of test/simt: the device `cuda-emulated`, for tests.
file(GLOB CUDA_KERNELS CONFIGURE_DEPENDS src/cuda/*.cu)
file(GLOB CUDA_DEVICE CONFIGURE_DEPENDS src/cuda/device/*.cpp)

if(OCELLI_CUDA STREQUAL "emulated")
  file(GLOB EXECUTOR CONFIGURE_DEPENDS test/simt/simt/*.cpp)
  set_source_files_properties(${CUDA_KERNELS} PROPERTIES LANGUAGE CXX COMPILE_OPTIONS "-x;c++")
  ocelli_addon(ocelli-cuda-emulated ${CUDA_KERNELS} ${CUDA_DEVICE} ${EXECUTOR})
  target_compile_definitions(ocelli-cuda-emulated PRIVATE OCELLI_SIMT)
  target_include_directories(ocelli-cuda-emulated PRIVATE test/simt)
  # The executor's time goes into switching threads; optimizing more costs the compiler more than it saves.
  target_compile_options(ocelli-cuda-emulated PRIVATE -O1 -g1 -Wno-unknown-pragmas)
else()
  message(FATAL_ERROR "OCELLI_CUDA must be off, emulated or nvcc, not ${OCELLI_CUDA}")
endif()
