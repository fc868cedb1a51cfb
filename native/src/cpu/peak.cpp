// What the machine can do at this moment, to be put beside a kernel's rate: clocks and neighbours change from second to
// second, so a share of the peak means something only against a peak of the same moment.
//
// peak_arithmetic  tensors sums[items], seconds[1]                scalars items, rounds
//   Multiply-adds in registers: items * rounds * 2 * kChains * vector width operations. sums are exact (see below).
// peak_read        tensors x[n], sums[items], seconds[1]          scalars n, passes
//   Reads x `passes` times; items = passes * ceil(n / kPiece).
// peak_copy        tensors from[n], to[n], seconds[1]             scalars n, passes
//   Ordinary stores: what a kernel that writes its output can hope for.
//
// Each takes its own time, after it has woken the workers, so that neither the queue nor a sleeping thread counts.
//
// Twelve chains keep two pipes of latency four or five busy and leave AVX2's sixteen registers room for the operands.
// a = 1 - a changes every round (a chain that converges draws less power, and the clock rises) and after an even number
// of rounds is exactly what it was.
// Four streams at once: on Zen 3 a core reads 1.5 times as fast from memory, and 1.2 times from the last cache, as in one
// sequence, whose prefetcher starts anew with every page; eight are no faster, software prefetching is slower.
#include <ctime>

#include "kernels.h"
#include "simd/fold.h"

namespace ocelli::OCELLI_ISA {
namespace {

constexpr int kChains = 12;
constexpr int kStreams = 4;
constexpr int64_t kPiece = 65536;  // floats: 256 KiB, long enough to hide handing it out, short enough to share evenly

double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

__attribute__((noinline)) float multiply_add(int64_t rounds) {
  volatile float minus_one = -1, one = 1;  // or the compiler would see through the loop
  const Vector factor = splat(minus_one), term = splat(one);
  Vector a[kChains];
  for (int i = 0; i < kChains; i++) a[i] = splat(one * static_cast<float>(i + 1) / 16);
  for (int64_t round = 0; round < rounds; round++)
    for (int i = 0; i < kChains; i++) a[i] = a[i] * factor + term;
  for (int i = 1; i < kChains; i++) a[0] += a[i];
  return sum_lanes(a[0]);
}

// Calls vector(i) for kStreams vectors at a time, one of each quarter of [0, n), then scalar(i) for the rest.
template <class VectorBody, class ScalarBody>
OCELLI_INLINE void in_streams(int64_t n, VectorBody vector, ScalarBody scalar) {
  const int64_t length = n / kStreams / (2 * kWidth) * 2 * kWidth;
  for (int64_t i = 0; i < length; i += 2 * kWidth)
    for (int stream = 0; stream < kStreams; stream++) {
      vector(stream, stream * length + i);
      vector(kStreams + stream, stream * length + i + kWidth);
    }
  for (int64_t i = kStreams * length; i < n; i++) scalar(i);
}

__attribute__((noinline)) float add_up(const float* x, int64_t n) {
  Vector sums[2 * kStreams] = {};
  float rest = 0;
  in_streams(
      n, [&](int chain, int64_t i) OCELLI_HOT { sums[chain] += load(x + i); }, [&](int64_t i) OCELLI_HOT { rest += x[i]; });
  for (int k = 1; k < 2 * kStreams; k++) sums[0] += sums[k];
  return sum_lanes(sums[0]) + rest;
}

__attribute__((noinline)) void copy(const float* from, float* to, int64_t n) {
  in_streams(
      n, [&](int, int64_t i) OCELLI_HOT { store(to + i, load(from + i)); }, [&](int64_t i) OCELLI_HOT { to[i] = from[i]; });
}

// Seconds of `passes` times body(item, pass) over all items, once all workers are awake. What wakes them touches no memory.
template <class Body>
float seconds_of(ThreadPool& pool, int64_t items, int64_t passes, const Body& body) {
  parallel_for(pool, 16 * pool.threads(), [](int64_t) { multiply_add(2000); });
  const double start = now();
  for (int64_t pass = 0; pass < passes; pass++) parallel_for(pool, items, [&](int64_t item) { body(item, pass); });
  return static_cast<float>(now() - start);
}

int64_t pieces_of(int64_t n) { return (n + kPiece - 1) / kPiece; }
int64_t length_of(int64_t n, int64_t piece) { return n - piece * kPiece < kPiece ? n - piece * kPiece : kPiece; }

}  // namespace

void peak_arithmetic(const Call& call) {
  float* sums = call.tensor(0);
  const int64_t rounds = call.size(1);
  *call.tensor(1) = seconds_of(call.pool, call.size(0), 1, [&](int64_t item, int64_t) { sums[item] = multiply_add(rounds); });
}

void peak_read(const Call& call) {
  const float* x = call.tensor(0);
  float* sums = call.tensor(1);
  const int64_t n = call.size(0), pieces = pieces_of(n);
  *call.tensor(2) = seconds_of(call.pool, pieces, call.size(1), [&](int64_t piece, int64_t pass) {
    sums[pass * pieces + piece] = add_up(x + piece * kPiece, length_of(n, piece));
  });
}

void peak_copy(const Call& call) {
  const float* from = call.tensor(0);
  float* to = call.tensor(1);
  const int64_t n = call.size(0);
  *call.tensor(2) = seconds_of(call.pool, pieces_of(n), call.size(1), [&](int64_t piece, int64_t) {
    copy(from + piece * kPiece, to + piece * kPiece, length_of(n, piece));
  });
}

}  // namespace ocelli::OCELLI_ISA
