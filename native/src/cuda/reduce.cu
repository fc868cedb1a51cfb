// reduce_sum: the twin of src/cpu/reduce.cpp's. Bound by reading x, and the factor if there is one.
//
// Runs of contiguous numbers (inner = 1) are added by a warp or a block each, long ones in pieces of 16384 by many blocks;
// else a block takes up to 64 columns and its threads the rows in turn, 16 of them each. A thread adds at most 64 numbers in
// float32, everything after that is in double: little of it, so that devices with few units for double lose nothing. Pieces
// are cut by shape alone and added in their order.
#include "reduce.cuh"

#include "kernels.h"

namespace ocelli::cuda {
namespace {

constexpr int64_t kPiece = 16384;  // of a run
constexpr int kColumnThreads = 256, kRowsOfThread = 16;

// Runs of `length`, each in `pieces` of kPiece: to partials[runs, pieces], or where a run is one piece to y[runs].
template <int kThreads, int kVector>
__global__ void __launch_bounds__(Team<kThreads>::kBlock, 4)
    add_runs(int64_t items, int64_t length, int64_t pieces, const float* x, const float* factor, double scale, double* partials,
             float* y) {
  Team<kThreads> team;
  constexpr int64_t kStride = kThreads * kVector, kFloatSum = 64 / kVector * kStride;
  for (int64_t item = team.first(); item < items; item += team.step()) {
    const int64_t start = item % pieces * kPiece, begin = item / pieces * length + start;
    const int64_t count = pieces == 1 ? length : min(kPiece, length - start);
    double total = 0;
    for (int64_t part = team.thread * kVector; part < count; part += kFloatSum) {
      const int64_t end = min(count, part + kFloatSum);
      Chunk<kVector> sums = {};
#pragma unroll 4
      for (int64_t i = part; i < end; i += kStride) {
        auto values = load_chunk<kVector>(x + begin + i);
        if (factor) {
          const auto factors = load_chunk<kVector>(factor + begin + i);
          for (int k = 0; k < kVector; k++) values.at[k] *= factors.at[k];
        }
        for (int k = 0; k < kVector; k++) sums.at[k] += values.at[k];
      }
      if constexpr (kVector == 4) total += (sums.at[0] + sums.at[1]) + (sums.at[2] + sums.at[3]);
      else total += sums.at[0];
    }
    total = team.sum(total);
    if (team.thread != 0) continue;
    if (partials) partials[item] = total;
    else y[item] = static_cast<float>(scale * total);
  }
}

// Columns of x[outer, middle, inner], `middle` in pieces of rows_of_piece rows, `inner` in blocks of `units` times kVector:
// to partials[outer, pieces, inner], or where there is one piece to y[outer, inner]. Threads of equal columns add rows in turn
// and are added as a tree.
template <class Number, int kVector>
__global__ void __launch_bounds__(kColumnThreads)
    add_rows(int64_t items, int64_t middle, int64_t inner, int64_t pieces, int64_t rows_of_piece, int units, const Number* x,
             const float* factor, double scale, double* partials, float* y) {
  OCELLI_SHARED(totals, double[kVector][kColumnThreads]);
  const int thread = static_cast<int>(threadIdx.x), lanes = kColumnThreads / units, lane = thread / units;
  const int64_t blocks = (inner / kVector + units - 1) / units;
  for (int64_t item = blockIdx.x; item < items; item += gridDim.x) {
    const int64_t column = (item % blocks * units + thread % units) * kVector, piece = item / blocks;
    const int64_t first = piece % pieces * rows_of_piece, end = min(middle, first + rows_of_piece);
    const int64_t offset = piece / pieces * middle * inner + column;
    Number sums[kVector] = {};
    if (lane < lanes && column < inner) {
#pragma unroll 4
      for (int64_t row = first + lane; row < end; row += lanes) {
        const int64_t at = offset + row * inner;
        if constexpr (kVector == 1) {
          sums[0] += factor ? x[at] * factor[at] : x[at];
        } else {
          auto values = load_chunk<kVector>(x + at);
          if (factor) {
            const auto factors = load_chunk<kVector>(factor + at);
            for (int k = 0; k < kVector; k++) values.at[k] *= factors.at[k];
          }
          for (int k = 0; k < kVector; k++) sums[k] += values.at[k];
        }
      }
    }
    for (int k = 0; k < kVector; k++) totals[k][thread] = sums[k];
    int distance = 1;
    while (distance < lanes) distance *= 2;
    for (distance /= 2; distance > 0; distance /= 2) {
      __syncthreads();
      if (lane < distance && lane + distance < lanes)
        for (int k = 0; k < kVector; k++) totals[k][thread] += totals[k][thread + distance * units];
    }
    if (lane == 0 && column < inner)
      for (int k = 0; k < kVector; k++) {
        const int64_t at = piece * inner + column + k;
        if (partials) partials[at] = totals[k][thread];
        else y[at] = static_cast<float>(scale * totals[k][thread]);
      }
    __syncthreads();
  }
}

// The sum of double partials [outer, pieces, inner].
void add_partials(Stream& stream, const double* partials, float* y, int64_t outer, int64_t pieces, int64_t inner,
                  double scale) {
  const int units = static_cast<int>(min(inner, int64_t{32}));
  const int64_t items = outer * ((inner + units - 1) / units);
  OCELLI_LAUNCH((add_rows<double, 1>), blocks_for(items, 1, kMostBlocks), kColumnThreads, 0, stream.handle(), items, pieces,
                inner, int64_t{1}, pieces, units, partials, nullptr, scale, nullptr, y);
}

template <int kThreads, int kVector>
void launch_runs(Stream& stream, const float* x, const float* factor, float* y, int64_t runs, int64_t length, double scale) {
  const int64_t pieces = length > 2 * kPiece ? (length + kPiece - 1) / kPiece : 1, items = runs * pieces;
  double* partials = pieces > 1 ? stream.workspace<double>(items) : nullptr;
  OCELLI_LAUNCH((add_runs<kThreads, kVector>), blocks_for(items, Team<kThreads>::kTeams, kMostBlocks), Team<kThreads>::kBlock,
                0, stream.handle(), items, length, pieces, x, factor, scale, partials, y);
  if (partials) add_partials(stream, partials, y, runs, pieces, 1, scale);
}

void sum_runs(Stream& stream, const float* x, const float* factor, float* y, int64_t runs, int64_t length, double scale) {
  const bool vectors = can_read_vectors(length, x, factor);
  if (length <= 2048 && vectors) return launch_runs<32, 4>(stream, x, factor, y, runs, length, scale);
  if (length <= 2048) return launch_runs<32, 1>(stream, x, factor, y, runs, length, scale);
  if (vectors) return launch_runs<256, 4>(stream, x, factor, y, runs, length, scale);
  return launch_runs<256, 1>(stream, x, factor, y, runs, length, scale);
}

template <int kVector>
void launch_rows(Stream& stream, const float* x, const float* factor, float* y, int64_t outer, int64_t middle, int64_t inner,
                 double scale) {
  // 256 or 128 bytes of a row side by side.
  const int units = static_cast<int>(min(inner / kVector, int64_t{kVector == 4 ? 16 : 32}));
  const int64_t rows_of_piece = int64_t{kRowsOfThread} * (kColumnThreads / units);
  const int64_t pieces = middle > rows_of_piece ? (middle + rows_of_piece - 1) / rows_of_piece : 1;
  const int64_t items = outer * pieces * ((inner / kVector + units - 1) / units);
  double* partials = pieces > 1 ? stream.workspace<double>(outer * pieces * inner) : nullptr;
  OCELLI_LAUNCH((add_rows<float, kVector>), blocks_for(items, 1, kMostBlocks), kColumnThreads, 0, stream.handle(), items,
                middle, inner, pieces, rows_of_piece, units, x, factor, scale, partials, y);
  if (partials) add_partials(stream, partials, y, outer, pieces, inner, scale);
}

}  // namespace

void sum_columns(Stream& stream, const float* x, const float* factor, float* to, int64_t outer, int64_t middle, int64_t inner,
                 double scale) {
  if (outer == 0 || inner == 0) return;
  if (inner == 1) return sum_runs(stream, x, factor, to, outer, middle, scale);
  if (can_read_vectors(inner, x, factor)) return launch_rows<4>(stream, x, factor, to, outer, middle, inner, scale);
  launch_rows<1>(stream, x, factor, to, outer, middle, inner, scale);
}

void reduce_sum(const Call& call) {
  sum_columns(*call.stream, call.tensor(0), call.tensor(1), call.tensor(2), call.size(0), call.size(1), call.size(2),
              call.scalars[3]);
}

}  // namespace ocelli::cuda
