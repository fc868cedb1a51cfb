#pragma once
// What the kernels of linear_cross_entropy share: the head, the rows that count, and blocks of logits.
#include "gemm_pack.h"
#include "ocelli/kernel_error.h"
#include "weight_format.h"

namespace ocelli::OCELLI_ISA {

constexpr int64_t kRanges = 16;      // of the classes, at most; each has its own sums, added in order at the end
constexpr int64_t kClassBlock = 64;  // classes in a block of work: whole panels, their weights stay in L2
constexpr int64_t kSlab = 256;       // rows that share one pass over the weights
static_assert(kSlab <= kDepth, "the gradient of the weight sums over a slab in one block");
constexpr int64_t kStrip = 2 * kWidth;  // rows of a slab that the second product does together, one in each lane

struct Head {
  int64_t rows, width, classes;
  const void* weight;
  const float* factors;  // of a packed weight (weight_format.h) or null
  int64_t format;        // a WeightFormat, or -1: not packed
  const int32_t* targets;
  int64_t ignore;
  double smoothing;

  Head(const Call& call, const void* all_weights, const float* all_factors, const int32_t* all_targets)
      : rows(call.size(0)), width(call.size(1)), classes(call.size(2)), weight(all_weights), factors(all_factors),
        format(call.size(3)), targets(all_targets), ignore(call.size(4)), smoothing(call.scalars[5]) {}

  // Ranges are cut by the number of classes alone, so that a row's sums do not depend on the rows beside it.
  int64_t ranges() const { return (classes + per_range() - 1) / per_range(); }
  int64_t begin(int64_t range) const { return range * per_range() < classes ? range * per_range() : classes; }
  int64_t per_range() const {
    return ((classes + kRanges - 1) / kRanges + kClassBlock - 1) / kClassBlock * kClassBlock;
  }

  float at(int64_t index, int64_t column) const {
    if (format < 0) return static_cast<const float*>(weight)[index * width + column];
    return with_weights(weight, factors, width, format,
                        [&](auto weights) { return weights.element(index, column); });
  }
};

// The classes [begin, begin + count) as panels of floats: in place, or made on the way.
static inline const float* panels_of(const Head& head, int64_t begin, int64_t count) {
  if (head.format == static_cast<int64_t>(WeightFormat::float32))
    return static_cast<const float*>(head.weight) + begin * head.width;
  // Steps are widened whole: the last one's end is overwritten by the next panel.
  float* panels = thread_scratch(Scratch::pack, kClassBlock * head.width + kLongestStep * kPanel);
  if (head.format >= 0) {
    with_weights(head.weight, head.factors, head.width, head.format, [&](auto weights) {
      for (int64_t i = 0; i < panels_of(count); i++) {
        float* panel = panels + i * head.width * kPanel;
        widened(weights, begin / kPanel + i, 0, head.width, panel);
        if (!scales_sums(head.format)) continue;
        const float* factors = head.factors + begin + i * kPanel;
        for (int64_t k = 0; k < head.width * kPanel; k += kWidth)
          store(panel + k, load(panel + k) * load(factors + k % kPanel));
      }
    });
    return panels;
  }
  const Matrix columns = {static_cast<const float*>(head.weight) + begin * head.width, 1, head.width};
  for (int64_t i = 0; i < count; i += kPanel) pack_panel(columns, 0, head.width, i, count, panels + i * head.width);
  return panels;
}

// logits[row][class] with row stride kClassBlock, of rows packed in blocks of k.
static inline void multiply_logits(const float* packed, int64_t rows, int64_t width, const float* panels, int64_t count,
                                   float* logits) {
  for (int64_t i = 0; i < count; i += kPanel)
    for (int64_t k = 0; k < width; k += kDepth) {
      const int64_t depth = smaller(width - k, kDepth);
      float* c = logits + i;
      const Tile<PackedRows> tile = {{packed + k * rows, depth}, panels + (i * width + k * kPanel), c, kClassBlock, depth,
                                     smaller(count - i, kPanel), k == 0 ? nullptr : c, nullptr};
      multiply_rows(tile, rows, [](int64_t, int64_t) {});
    }
}

// The rows of a slab, those with ignored targets left out.
struct Slab {
  int64_t count, strips;
  int64_t row[kSlab];  // where they stand in x
  int64_t target[kSlab];
  const float* x;       // [count, width]
  const float* packed;  // the same for multiply_logits
};

// Calls body(slab, first) for the rows that count, kSlab at a time; `copy` has room for kSlab rows twice: next to one
// another, and packed.
template <class Body>
static int64_t for_each_slab(const Head& head, const float* x, float* copy, const Body& body) {
  for (int64_t row = 0; row < head.rows; row++)
    if (head.targets[row] != head.ignore && (head.targets[row] < 0 || head.targets[row] >= head.classes))
      KernelError::raise("target %d at position %lld is outside of the %lld classes and is not the ignored index %lld",
                         head.targets[row], static_cast<long long>(row), static_cast<long long>(head.classes),
                         static_cast<long long>(head.ignore));
  Slab slab;
  int64_t slabs = 0;
  for (int64_t row = 0; row < head.rows;) {
    for (slab.count = 0; row < head.rows && slab.count < kSlab; row++)
      if (head.targets[row] != head.ignore) {
        slab.row[slab.count] = row;
        slab.target[slab.count++] = head.targets[row];
      }
    if (slab.count == 0) break;
    slab.strips = (slab.count + kStrip - 1) / kStrip;
    slab.x = x + slab.row[0] * head.width;
    if (slab.row[slab.count - 1] - slab.row[0] >= slab.count) {
      for (int64_t i = 0; i < slab.count; i++)
        memcpy(copy + i * head.width, x + slab.row[i] * head.width, head.width * sizeof(float));
      slab.x = copy;
    }
    float* packed = copy + kSlab * head.width;
    for (int64_t k = 0; k < head.width; k += kDepth)
      pack_rows({slab.x, head.width, 1}, 0, slab.count, slab.count, k, smaller(head.width - k, kDepth),
                packed + k * slab.count);
    slab.packed = packed;
    body(slab, slabs++ == 0);
  }
  return slabs;
}

}  // namespace ocelli::OCELLI_ISA
