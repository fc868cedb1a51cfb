#pragma once
// What a launch may not be, and what is kept of it.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>

#include "sample_kernels.cuh"
#include "simt/record.h"

namespace record_test {

using Check = std::function<void(bool right, const std::string& what)>;

__global__ void write_ones(int* out) { out[blockIdx.x * blockDim.x + threadIdx.x] = 1; }

inline std::string refused(const std::function<void()>& launch) {
  try {
    launch();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

inline void run(const Check& check) {
  int out[64] = {};
  const auto with_bytes = [&](int bytes) { return refused([&] { OCELLI_LAUNCH(write_ones, dim3(2), dim3(32), bytes, 0, out); }); };
  check(with_bytes(48 * 1024).empty(), "48 KiB of dynamic shared memory need no permission");
  check(with_bytes(48 * 1024 + 4).find("cudaFuncSetAttribute") != std::string::npos, "more than 48 KiB do");
  simt::allow_shared(simt::address_of(write_ones), 64 * 1024);
  check(with_bytes(64 * 1024).empty(), "and get it");
  check(!with_bytes(64 * 1024 + 4).empty(), "up to what was asked for");
  check(refused([&] { OCELLI_LAUNCH(write_ones, dim3(1, 65536), dim3(1), 0, 0, out); }).find("65535") != std::string::npos,
        "a grid of 65536 rows is refused");

  std::string path = P_tmpdir "/simt-launches-XXXXXX";
  const int file = mkstemp(path.data());
  check(file >= 0, "a temporary file");
  setenv("SIMT_LAUNCHES", path.c_str(), 1);
  setenv("SIMT_DRY", "1", 1);
  for (int& each : out) each = 0;
  const double scalars[] = {3, 0.5};
  simt::record_call("sample", "tf32", scalars, 2);
  OCELLI_LAUNCH(write_ones, dim3(2, 1), dim3(32), 16, 0, out);
  unsetenv("SIMT_DRY");
  unsetenv("SIMT_LAUNCHES");
  check(out[0] == 0, "a dry launch does nothing");
  std::ifstream lines(path);
  std::string call, word, address, rest;
  std::getline(lines, call);
  lines >> word >> address;
  std::getline(lines, rest);
  check(call == "call sample tf32 3 0.5", "a call is kept: " + call);
  check(word == "launch" && rest == " 2,1,1 32,1,1 16", "a launch is kept: " + rest);
  std::remove(path.c_str());
}

}  // namespace record_test
