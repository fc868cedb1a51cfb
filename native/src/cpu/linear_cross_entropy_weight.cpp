// The gradient of linear_cross_entropy's weight, where it is trainable. The logits are made once more, a block of classes
// at a time, and turned in place into the gradient's left factor; both products are the micro-kernel's.
//
// linear_cross_entropy_backward_weight
//   tensors dloss[rows], x[rows, width], weight[classes, width], targets int32[rows], log_sum_exp[rows],
//           dweight[classes, width]
//   scalars rows, width, classes, -1, ignore_index, label_smoothing
#include "linear_cross_entropy.h"

#include "kernels.h"
#include "simd/special.h"

namespace ocelli::OCELLI_ISA {

// dweight[class] = sum over rows of dloss * (softmax - target distribution)[class] * x.
void linear_cross_entropy_backward_weight(const Call& call) {
  const float *dloss = call.tensor(0), *x = call.tensor(1);
  const Head head(call, call.tensor<void>(2), nullptr, call.tensor<int32_t>(3));
  const float* log_sum_exp = call.tensor(4);
  float* dweight = call.tensor(5);
  const int64_t width = head.width, width_panels = (width + kPanel - 1) / kPanel;
  const float spread = static_cast<float>(head.smoothing / head.classes);
  const float kept = static_cast<float>(1 - head.smoothing);
  float* copy = thread_scratch(Scratch::row, kSlab * (2 * width + width_panels * kPanel));
  float* panels_of_x = copy + 2 * kSlab * width;

  const int64_t slabs = for_each_slab(head, x, copy, [&](const Slab& slab, bool first) {
    parallel_for(call.pool, width_panels, [&](int64_t panel) {
      const int64_t columns = width - panel * kPanel < kPanel ? width - panel * kPanel : kPanel;
      for (int64_t i = 0; i < slab.count; i++)
        memcpy(panels_of_x + (panel * slab.count + i) * kPanel, slab.x + i * width + panel * kPanel,
               columns * sizeof(float));
    });
    parallel_blocks(call.pool, head.classes, kClassBlock, [&](int64_t begin, int64_t end) {
      float* gradient = thread_scratch(Scratch::tile, 2 * slab.count * kClassBlock);  // [row][class]
      float* turned = gradient + slab.count * kClassBlock;
      multiply_logits(slab.packed, slab.count, width, panels_of(head, begin, end - begin), end - begin, gradient);
      for (int64_t i = 0; i < slab.count; i++) {
        float* g = gradient + i * kClassBlock;
        const float shift = log_sum_exp[slab.row[i]], scale = dloss[slab.row[i]];
        for_each_vector(end - begin, [&](int64_t c, int64_t count) {
          store_part(g + c, (exp_or_nan(load_part(g + c, count) - shift) - spread) * scale, count);
        });
        if (slab.target[i] >= begin && slab.target[i] < end) g[slab.target[i] - begin] -= kept * scale;
      }
      pack_rows({gradient, 1, kClassBlock}, 0, end - begin, end - begin, 0, slab.count, turned);
      for (int64_t panel = 0; panel < width_panels; panel++) {
        float* c = dweight + begin * width + panel * kPanel;
        const Tile<PackedRows> tile = {{turned, slab.count}, panels_of_x + panel * slab.count * kPanel, c, width, slab.count,
                                       smaller(width - panel * kPanel, kPanel), first ? nullptr : c, nullptr};
        multiply_rows(tile, end - begin, [](int64_t, int64_t) {});
      }
    });
  });
  if (slabs == 0) memset(dweight, 0, head.classes * width * sizeof(float));
}

}  // namespace ocelli::OCELLI_ISA
