// Matrix products. Every output element is summed over k in the same order whatever the tiling, so a row's result does
// not depend on the rows beside it, nor any result on the number of threads.
//
// linear_pack             weight[outputs, inputs] -> packed[panels][inputs][kPanel]      outputs, inputs
// linear_packed           x[rows, inputs], packed, bias?[outputs] -> y[rows, outputs]    rows, inputs, outputs
// linear_packed_backward  dy[rows, outputs], packed -> dx[rows, inputs]                  rows, inputs, outputs
// matmul                  a, b, bias?[columns] -> c[rows, columns]                       rows, inner, columns, ta, tb
//                         a is [rows, inner], or [inner, rows] if ta; b is [inner, columns], or [columns, inner] if tb
#include "gemm_tile.h"
#include "kernels.h"
#include "simd/transpose.h"

namespace ocelli::OCELLI_ISA {

static int64_t panels_of(int64_t columns) { return (columns + kPanel - 1) / kPanel; }

// Hands out (panel, block of rows) pairs: enough of them to keep the threads busy, each with enough rows to be worth it.
template <class Body>
static void for_each_block(ThreadPool& pool, int64_t rows, int64_t columns, const Body& body) {
  const int64_t panels = panels_of(columns);
  int64_t blocks = (16 + panels - 1) / panels;
  const int64_t most = (rows + 8 * kRows - 1) / (8 * kRows);
  if (blocks > most) blocks = most;
  const int64_t needed = (rows + 1535) / 1536;  // more rows than this would push A out of L2/L3
  if (blocks < needed) blocks = needed;
  const int64_t height = ((rows + blocks - 1) / blocks + kRows - 1) / kRows * kRows;
  blocks = (rows + height - 1) / height;
  auto one = [&](int64_t item) {
    const int64_t panel = item / blocks, begin = item % blocks * height;
    const int64_t left = rows - begin, width = columns - panel * kPanel;
    body(panel, begin, left < height ? left : height, width < kPanel ? width : static_cast<int64_t>(kPanel));
  };
  parallel_for(pool, panels * blocks, one);
}

void linear_pack(const Call& call) {
  const float* weight = call.tensor(0);
  float* packed = call.tensor(1);
  const int64_t outputs = call.size(0), inputs = call.size(1);
  auto one = [&](int64_t panel) {
    const int64_t width = outputs - panel * kPanel < kPanel ? outputs - panel * kPanel : kPanel;
    float* to = packed + panel * kPanel * inputs;
    transpose(weight + panel * kPanel * inputs, inputs, width, inputs, to, kPanel);
    for (int64_t k = 0; width < kPanel && k < inputs; k++)
      for (int64_t j = width; j < kPanel; j++) to[k * kPanel + j] = 0;
  };
  parallel_for(call.pool, panels_of(outputs), one);
}

void linear_packed(const Call& call) {
  const float *x = call.tensor(0), *packed = call.tensor(1), *bias = call.tensor(2);
  float* y = call.tensor(3);
  const int64_t rows = call.size(0), inputs = call.size(1), outputs = call.size(2);
  for_each_block(call.pool, rows, outputs, [&](int64_t panel, int64_t begin, int64_t height, int64_t width) {
    for (int64_t k = 0; k < inputs; k += kDepth) {
      const int64_t depth = inputs - k < kDepth ? inputs - k : kDepth;
      const bool last = k + depth == inputs;
      multiply_rows<false>({x + begin * inputs + k, inputs, packed + (panel * inputs + k) * kPanel,
                            y + begin * outputs + panel * kPanel, outputs, depth, width, k == 0,
                            last && bias ? bias + panel * kPanel : nullptr},
                           height);
    }
  });
}

// dx = dy W. The panels hold W transposed to what this product wants, so each block is turned in L2 on the way.
void linear_packed_backward(const Call& call) {
  const float *dy = call.tensor(0), *packed = call.tensor(1);
  float* dx = call.tensor(2);
  const int64_t rows = call.size(0), inputs = call.size(1), outputs = call.size(2);
  constexpr int64_t turn = kDepth / kPanel * kPanel;
  for_each_block(call.pool, rows, inputs, [&](int64_t panel, int64_t begin, int64_t height, int64_t width) {
    float* turned = thread_scratch(Scratch::pack, turn * kPanel);
    for (int64_t n = 0; n < outputs; n += turn) {
      const int64_t depth = outputs - n < turn ? outputs - n : turn;
      for (int64_t part = 0; part < depth; part += kPanel) {
        const int64_t columns = depth - part < kPanel ? depth - part : kPanel;
        transpose(packed + ((n + part) * inputs + panel * kPanel * kPanel), kPanel, width, columns,
                  turned + part * kPanel, kPanel);
      }
      multiply_rows<false>({dy + begin * outputs + n, outputs, turned, dx + begin * inputs + panel * kPanel, inputs,
                            depth, width, n == 0, nullptr},
                           height);
    }
  });
}

void matmul(const Call& call) {
  const float *a = call.tensor(0), *b = call.tensor(1), *bias = call.tensor(2);
  float* c = call.tensor(3);
  const int64_t rows = call.size(0), inner = call.size(1), columns = call.size(2);
  const bool transpose_a = call.flag(3), transpose_b = call.flag(4);
  for_each_block(call.pool, rows, columns, [&](int64_t panel, int64_t begin, int64_t height, int64_t width) {
    float* packed = thread_scratch(Scratch::pack, kDepth * kPanel);
    for (int64_t k = 0; k < inner; k += kDepth) {
      const int64_t depth = inner - k < kDepth ? inner - k : kDepth;
      if (transpose_b) {
        transpose(b + panel * kPanel * inner + k, inner, width, depth, packed, kPanel);
      } else {
        for (int64_t i = 0; i < depth; i++)
          memcpy(packed + i * kPanel, b + (k + i) * columns + panel * kPanel, width * sizeof(float));
      }
      const float* last_bias = bias && k + depth == inner ? bias + panel * kPanel : nullptr;
      Tile tile = {nullptr, 0, packed, c + begin * columns + panel * kPanel, columns, depth, width, k == 0, last_bias};
      if (transpose_a) {
        tile.a = a + k * rows + begin;
        tile.a_stride = rows;
        multiply_rows<true>(tile, height);
      } else {
        tile.a = a + begin * inner + k;
        tile.a_stride = inner;
        multiply_rows<false>(tile, height);
      }
    }
  });
}

}  // namespace ocelli::OCELLI_ISA
