# The addon of CUDA devices. OCELLI_CUDA=nvcc builds it for GPUs. With OCELLI_CUDA=emulated, the same kernels and the same
# code that launches them are built by the host's compiler against the executor of test/simt: the device `cuda-emulated`,
# for tests.
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
elseif(OCELLI_CUDA STREQUAL "nvcc")
  # No kernel asks what it is compiled for, so all GPUs get their machine code from the same PTX, which takes the compiler
  # most of its time: A100, RTX 30, L40 and RTX 40, H100, B200, RTX 50. It is in the addon too, for GPUs to come.
  set(CMAKE_CUDA_ARCHITECTURES OFF)
  set(CODE compute_80)
  foreach(ARCHITECTURE 80 86 89 90 100 120)
    string(APPEND CODE ",sm_${ARCHITECTURE}")
  endforeach()
  enable_language(CUDA)
  set(CMAKE_CUDA_STANDARD 17)
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
  set(CMAKE_CUDA_VISIBILITY_PRESET hidden)
  set_source_files_properties(${CUDA_DEVICE} PROPERTIES LANGUAGE CUDA)
  ocelli_addon(ocelli-cuda ${CUDA_KERNELS} ${CUDA_DEVICE})
  # A kernel that spills registers is a warning, and warnings are errors.
  target_compile_options(ocelli-cuda PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:--extended-lambda
                         --generate-code=arch=compute_80,code=[${CODE}]
                         -Xcompiler=-Wall,-Wextra -Xptxas=-v,-warn-spills -Werror=all-warnings>)
  set_target_properties(ocelli-cuda PROPERTIES CUDA_COMPILER_LAUNCHER ${CMAKE_CURRENT_LIST_DIR}/keep_ptxas_log.sh)
  # CUDA's runtime is in the addon, and nobody else's: another addon of the process may have its own.
  target_link_options(ocelli-cuda PRIVATE -Wl,--exclude-libs,ALL)
else()
  message(FATAL_ERROR "OCELLI_CUDA must be off, emulated or nvcc, not ${OCELLI_CUDA}")
endif()
