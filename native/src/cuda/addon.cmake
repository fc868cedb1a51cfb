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
  # A100, RTX 30, L40 and RTX 40, H100, B200, RTX 50; the last also as PTX, which the driver compiles for what comes after.
  set(CMAKE_CUDA_ARCHITECTURES 80-real 86-real 89-real 90-real 100-real 120)
  enable_language(CUDA)
  set(CMAKE_CUDA_STANDARD 17)
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
  set(CMAKE_CUDA_VISIBILITY_PRESET hidden)
  # CUDA's headers cost the compiler seconds for each file and each architecture: all sources are one unit.
  # (CMake's own unity builds know CUDA from version 3.31 on.)
  set(UNIT ${CMAKE_CURRENT_BINARY_DIR}/ocelli-cuda.cu)
  set(UNIT_TEXT "")
  foreach(SOURCE ${CUDA_KERNELS} ${CUDA_DEVICE})
    string(APPEND UNIT_TEXT "#include \"${SOURCE}\"\n")
  endforeach()
  file(GENERATE OUTPUT ${UNIT} CONTENT "${UNIT_TEXT}")
  ocelli_addon(ocelli-cuda ${UNIT})
  target_compile_options(ocelli-cuda PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:--extended-lambda --threads=0
                         -Xcompiler=-Wall,-Wextra -Xptxas=-warn-spills -Werror=all-warnings>)
  # CUDA's runtime is in the addon, and nobody else's: another addon of the process may have its own.
  target_link_options(ocelli-cuda PRIVATE -Wl,--exclude-libs,ALL)
else()
  message(FATAL_ERROR "OCELLI_CUDA must be off, emulated or nvcc, not ${OCELLI_CUDA}")
endif()
