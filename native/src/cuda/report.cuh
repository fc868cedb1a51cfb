#pragma once
// How a kernel reports data that it cannot serve, say an id outside of its table: the first report is kept until the host
// waits, which throws it. The kernel itself goes on and writes zeros where it has nothing better.
#include "cuda.cuh"

namespace ocelli::cuda {

// What was met; device/report_text.cpp has the sentences.
enum class Fault : int { none, id_outside, target_outside, number_outside, rows_outside };

struct Report {
  int fault;   // a Fault
  int kernel;  // its place in the table
  long long values[4];
};

// A kernel's own way to the report.
struct Reporter {
  Report* report;
  int kernel;

  __device__ void raise(Fault fault, long long a, long long b = 0, long long c = 0, long long d = 0) const {
    if (atomicCAS(&report->fault, 0, static_cast<int>(fault)) != 0) return;
    report->kernel = kernel;
    report->values[0] = a;
    report->values[1] = b;
    report->values[2] = c;
    report->values[3] = d;
  }
};

}  // namespace ocelli::cuda
