// Cross-entropy of the logits x W^T that never stores them: the head of a language model, whose logits would be the
// largest tensor of a training step.
//
// linear_cross_entropy  tensors x[rows, width], weight, factors?, targets int32[rows], loss[rows],
//                               log_sum_exp[rows], dx?[rows, width], partial_dx?[kRanges, lanes, width]
//                       scalars rows, width, classes, format, ignore_index, label_smoothing
//   weight is [classes, width] if the format is -1, else what linear_pack made of it, with its factors. dx is the gradient
//   of each row's own loss, to be multiplied by the loss's gradient. lanes is min(rows, kSlab) rounded up to whole panels.
//   Rows whose target is ignore_index have loss 0, log_sum_exp 0 and no gradient, and are left out before any work.
//   Raises KernelError for a target outside of [0, classes) that is not ignore_index.
//
// The forward pass is attention whose keys and values are both the weight: a block of classes is multiplied with every
// row of a slab, the logits become exponentials over a running maximum, and these multiply the same block, which is
// still in L2, into the gradient; the maximum, the sum and the gradient of each range of classes are put together at the
// end. A training step reads the weight once from memory; with logits that are made again in the backward pass, it would
// read it three times, and multiply three times instead of twice.
//
// What was tried, as shares of the multiply-add peak with AVX2, 768 columns, two threads:
// - linear, cross_entropy and their backward passes: 70 % at 64 rows and 39 % at 16 for the products alone. Both read the
//   weight from memory, the second turns every panel of it on the way, and the logits pass through memory six times.
// - One pass with logits[class][row] throughout, as attention has its scores, so that nothing needs to be transposed:
//   76 % at 64 rows. The first product then reads one panel with a stride for every six classes, slower by a tenth than
//   the micro-kernel on the panel as it was made for; transposing the block of logits is a thousandth of the work.
// - Kept: logits[row][class] by the micro-kernel, transposed in the cache, and a second product that reads the panels
//   as they are, with rows as lanes and its sums kept in registers over all panels of a block: 80 % at 64 rows, 65 % at
//   16. Blocks of 32 classes lose 4 % to reading the gradient more often; 128 gain nothing and need twice the L2.
// - Kept: fetching the next block of weights during the second product of the slab's last strip: 85 % at 64 rows and
//   80 % at 16. At the first strip, it is pushed out of L2 again when the slab is long.
#include "linear_cross_entropy.h"

#include "kernels.h"
#include "simd/special.h"

namespace ocelli::OCELLI_ISA {
namespace {

constexpr float kSlack = 16;  // exponents may grow to this before sums are rescaled
constexpr float kLowest = -__builtin_inff();

// dx[column][lane] += sum over classes of panels[column][class] * exponentials[class][lane], a few columns.
template <int Columns, int Vectors>
__attribute__((noinline)) void multiply_back_tile(const float* panels, int64_t panel_size, int64_t count,
                                                  const float* exponentials, float* dx, bool first) {
  Vector sum[Columns][Vectors];
#pragma GCC unroll 16
  for (int i = 0; i < Columns; i++)
#pragma GCC unroll 2
    for (int j = 0; j < Vectors; j++) sum[i][j] = Vector{};
  for (; count > 0; count -= kPanel, panels += panel_size) {
    const int64_t depth = count < kPanel ? count : kPanel;
    for (int64_t k = 0; k < depth; k++, exponentials += kStrip) {
      Vector right[Vectors];
#pragma GCC unroll 2
      for (int j = 0; j < Vectors; j++) right[j] = load(exponentials + j * kWidth);
#pragma GCC unroll 16
      for (int i = 0; i < Columns; i++)
#pragma GCC unroll 2
        for (int j = 0; j < Vectors; j++) sum[i][j] += panels[i * kPanel + k] * right[j];
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < Columns; i++)
#pragma GCC unroll 2
    for (int j = 0; j < Vectors; j++) {
      float* to = dx + i * kStrip + j * kWidth;
      store(to, first ? sum[i][j] : load(to) + sum[i][j]);
    }
}

template <int Columns, int Vectors>
OCELLI_INLINE void multiply_back_part(int64_t columns, const float* panels, int64_t panel_size, int64_t count,
                                      const float* exponentials, float* dx, bool first) {
  if constexpr (Columns > 1)
    if (columns < Columns)
      return multiply_back_part<Columns - 1, Vectors>(columns, panels, panel_size, count, exponentials, dx, first);
  multiply_back_tile<Columns, Vectors>(panels, panel_size, count, exponentials, dx, first);
}

// As many accumulators as the registers hold, and at least 8, which hides the latency of the multiply-add. The next block
// of weights, if there is one, is fetched from memory meanwhile.
template <int Vectors>
void multiply_back(const float* panels, int64_t width, int64_t count, const float* exponentials, float* dx, bool first,
                   const float* next) {
  constexpr int kColumns = kWidth == 16 ? 12 : Vectors == 1 ? 8 : kWidth == 8 ? 6 : 4;
  for (int64_t k = 0; k < width; k += kColumns) {
    const int64_t columns = width - k < kColumns ? width - k : kColumns;
    if (next)
      for (int64_t i = 0; i < columns * kClassBlock; i += 16) __builtin_prefetch(next + k * kClassBlock + i, 0, 2);
    multiply_back_part<kColumns, Vectors>(columns, panels + k * kPanel, width * kPanel, count, exponentials,
                                          dx + k * kStrip, first);
  }
}

// Per range and row of a slab.
struct Statistics {
  float top[kSlab];     // the shift of the exponentials, at most kSlack below the greatest logit
  double total[kSlab];  // of the exponentials
  float expected[kSlab];  // the target's logit, in the range that has it, elsewhere 0
};

// exp(logits - top) as [class][lane], and their sums; raises `top` and rescales what was summed.
template <int Vectors>
void exponentiate(const float* logits, int64_t count, Statistics& s, int64_t lane, float* exponentials, float* dx,
                  int64_t width) {
  for (int j = 0; j < Vectors; j++) {
    const int64_t first = lane + j * kWidth;
    float* e = exponentials + j * kWidth;
    transpose(logits + j * kWidth * kClassBlock, kClassBlock, kWidth, count, e, kStrip);
    Vector best[2] = {splat(kLowest), splat(kLowest)};
    for (int64_t c = 0; c < count; c++) best[c & 1] = maximum(load(e + c * kStrip), best[c & 1]);
    best[0] = maximum(best[0], best[1]);

    alignas(64) float factor[kWidth];
    bool rescale = false;
    for (int i = 0; i < kWidth; i++) {
      factor[i] = 1;
      float& top = s.top[first + i];
      if (!(best[0][i] > top + kSlack)) continue;
      rescale |= top != kLowest;
      factor[i] = __builtin_expf(top - best[0][i]);
      s.total[first + i] *= factor[i];
      top = best[0][i];
    }
    if (rescale && dx)
      for (int64_t k = 0; k < width; k++) {
        float* to = dx + k * kStrip + j * kWidth;
        store(to, load(to) * load(factor));
      }

    Vector shift = load(s.top + first);
    shift = shift == kLowest ? Vector{} : shift;  // nothing but -inf so far
    Vector sum[2] = {};
    for (int64_t c = 0; c < count; c++) {
      const Vector value = exp_or_nan(load(e + c * kStrip) - shift);
      store(e + c * kStrip, value);
      sum[c & 1] += value;
    }
    sum[0] += sum[1];
    for (int i = 0; i < kWidth; i++) s.total[first + i] += sum[0][i];
  }
}

// One range of the classes for all rows of a slab.
void run_range(const Head& head, const Slab& slab, int64_t begin, int64_t end, Statistics& s, float* dx) {
  const int64_t lanes = slab.strips * kStrip;
  float* logits = thread_scratch(Scratch::tile, (lanes + kStrip) * kClassBlock);
  float* exponentials = logits + lanes * kClassBlock;
  memset(logits + slab.count * kClassBlock, 0, (lanes - slab.count) * kClassBlock * sizeof(float));
  for (int64_t i = 0; i < lanes; i++) {
    s.top[i] = kLowest;
    s.total[i] = 0;
    s.expected[i] = 0;
  }
  for (int64_t c = begin; c < end; c += kClassBlock) {
    const int64_t count = end - c < kClassBlock ? end - c : kClassBlock;
    const float* panels = panels_of(head, c, count);
    multiply_logits(slab.packed, slab.count, head.width, panels, count, logits);
    for (int64_t i = 0; i < slab.count; i++)
      if (slab.target[i] >= c && slab.target[i] < c + count) s.expected[i] = logits[i * kClassBlock + slab.target[i] - c];
    for (int64_t lane = 0; lane < slab.count; lane += kStrip) {
      float* to = dx ? dx + lane * head.width : nullptr;
      float* old = c > begin ? to : nullptr;
      const float* rows = logits + lane * kClassBlock;
      const bool more = head.format == 0 && lane + kStrip >= slab.count && c + 2 * kClassBlock <= end;
      const float* next = more ? panels + kClassBlock * head.width : nullptr;
      if (slab.count - lane > kWidth) {
        exponentiate<2>(rows, count, s, lane, exponentials, old, head.width);
        if (to) multiply_back<2>(panels, head.width, count, exponentials, to, c == begin, next);
      } else {
        exponentiate<1>(rows, count, s, lane, exponentials, old, head.width);
        if (to) multiply_back<1>(panels, head.width, count, exponentials, to, c == begin, next);
      }
    }
  }
}

// The sum of all classes' weights, for label smoothing; parts is [kRanges, width].
void sum_classes(ThreadPool& pool, const Head& head, double* parts, double* sums) {
  parallel_for(pool, head.ranges(), [&](int64_t range) {
    double* part = parts + range * head.width;
    for (int64_t k = 0; k < head.width; k++) part[k] = 0;
    for (int64_t c = head.begin(range); c < head.begin(range + 1); c += kPanel) {
      const int64_t left = head.begin(range + 1) - c, count = left < kPanel ? left : kPanel;
      const float* panel = panels_of(head, c, count);
      for (int64_t k = 0; k < head.width; k++) {
        float sum = 0;
        for (int64_t i = 0; i < count; i++) sum += panel[k * kPanel + i];
        part[k] += sum;
      }
    }
  });
  for (int64_t k = 0; k < head.width; k++) {
    sums[k] = 0;
    for (int64_t range = 0; range < head.ranges(); range++) sums[k] += parts[range * head.width + k];
  }
}

// Adds the ranges up: the losses of a strip, and the gradients of its rows.
void finish_strip(const Head& head, const Slab& slab, int64_t lane, const Statistics* statistics, const double* sums,
                  float* loss, float* log_sum_exp, float* dx, const float* partial_dx) {
  const int64_t ranges = head.ranges(), width = head.width;
  const double spread = head.smoothing / head.classes;
  const int64_t rows = slab.count - lane < kWidth ? slab.count - lane : kWidth;
  alignas(64) float gain[kRanges][kWidth] = {};
  for (int64_t i = 0; i < rows; i++) {
    const int64_t row = slab.row[lane + i];
    float top = kLowest;
    for (int64_t r = 0; r < ranges; r++) {
      const float other = statistics[r].top[lane + i];
      if (other > top) top = other;
    }
    const double shift = top == kLowest ? 0 : top;
    double total = 0, expected = 0;
    for (int64_t r = 0; r < ranges; r++) {
      total += statistics[r].total[lane + i] * __builtin_exp(statistics[r].top[lane + i] - shift);
      expected += statistics[r].expected[lane + i];
    }
    if (head.smoothing != 0) {
      double sum = 0;
      for (int64_t k = 0; k < width; k++) sum += sums[k] * slab.x[(lane + i) * width + k];
      expected = (1 - head.smoothing) * expected + spread * sum;
    }
    const double all = __builtin_log(total) + shift;
    log_sum_exp[row] = static_cast<float>(all);
    loss[row] = static_cast<float>(all - expected);
    for (int64_t r = 0; r < ranges; r++)
      gain[r][i] = static_cast<float>(__builtin_exp(statistics[r].top[lane + i] - shift) / total);
  }
  if (!dx) return;

  const int64_t lanes = slab.strips * kStrip, strip = lane / kStrip * kStrip;
  for (int64_t k = 0; k < width; k += kWidth) {
    const int64_t columns = width - k < kWidth ? width - k : kWidth;
    alignas(64) float expected[kWidth * kWidth] = {};  // [column][lane]
    for (int64_t c = 0; c < columns; c++) {
      Vector sum = {};
      for (int64_t r = 0; r < ranges; r++)
        sum += load(gain[r]) * load(partial_dx + (r * lanes + strip) * width + (k + c) * kStrip + lane % kStrip);
      store(expected + c * kWidth, sum);
    }
    for (int64_t i = 0; i < rows; i++) {
      float* to = dx + slab.row[lane + i] * width + k;
      for (int64_t c = 0; c < columns; c++) {
        double value = expected[c * kWidth + i] - (1 - head.smoothing) * head.at(slab.target[lane + i], k + c);
        if (head.smoothing != 0) value -= spread * sums[k + c];
        to[c] = static_cast<float>(value);
      }
    }
  }
}

}  // namespace

void linear_cross_entropy(const Call& call) {
  const float* x = call.tensor(0);
  const Head head(call, call.tensor<void>(1), call.tensor(2), call.tensor<int32_t>(3));
  float *loss = call.tensor(4), *log_sum_exp = call.tensor(5), *dx = call.tensor(6), *partial_dx = call.tensor(7);
  // What the calling thread shares with the pool: class sums, statistics, copied rows.
  const int64_t statistics_floats = kRanges * sizeof(Statistics) / sizeof(float);
  float* shared = thread_scratch(Scratch::row, (2 * (kRanges + 1) + 2 * kSlab) * head.width + statistics_floats);
  double* sums = reinterpret_cast<double*>(shared);
  Statistics* statistics = reinterpret_cast<Statistics*>(sums + (kRanges + 1) * head.width);
  float* copy = reinterpret_cast<float*>(statistics + kRanges);

  for (int64_t row = 0; row < head.rows; row++) {
    if (head.targets[row] != head.ignore) continue;
    loss[row] = 0;
    log_sum_exp[row] = 0;
    if (dx) memset(dx + row * head.width, 0, head.width * sizeof(float));
  }
  for_each_slab(head, x, copy, [&](const Slab& slab, bool first) {
    if (first && head.smoothing != 0) sum_classes(call.pool, head, sums + head.width, sums);
    const int64_t lanes = slab.strips * kStrip;
    parallel_for(call.pool, head.ranges(), [&](int64_t range) {
      run_range(head, slab, head.begin(range), head.begin(range + 1), statistics[range],
                dx ? partial_dx + range * lanes * head.width : nullptr);
    });
    parallel_blocks(call.pool, slab.count, kWidth, [&](int64_t lane, int64_t) {
      finish_strip(head, slab, lane, statistics, sums, loss, log_sum_exp, dx, partial_dx);
    });
  });
}

}  // namespace ocelli::OCELLI_ISA
