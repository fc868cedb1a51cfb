#pragma once
// The loops around the micro-kernel: c[rows, columns] = A B, cut into pieces that fit the caches and the threads.
//
// Rows go by in blocks of kBlockRows, packed once for all panels; an item of work is a part of the block's rows (its k
// block of A stays in L2) by a group of panels. The cut depends on the sizes alone.
#include "gemm_epilogue.h"
#include "gemm_pack.h"

namespace ocelli::OCELLI_ISA {

constexpr int64_t kBlockRows = 480;
constexpr int64_t kPartRows = 192;
constexpr int64_t kPackRows = 48;

// Parts of `size` rows in a block, where the last may be up to 5 rows longer: every part begins where a tile begins.
static OCELLI_INLINE int64_t parts_of(int64_t rows, int64_t size) { return rows < kRows ? 1 : (rows - kRows) / size + 1; }
static OCELLI_INLINE int64_t part_end(int64_t rows, int64_t size, int64_t part) {
  return part + 1 == parts_of(rows, size) ? rows : (part + 1) * size;
}

static const float* pack_block(ThreadPool& pool, const Matrix& a, int64_t first_row, int64_t rows, int64_t depth) {
  float* packed = thread_scratch(Scratch::pack, rows * depth);
  parallel_for(pool, parts_of(rows, kPackRows), [&](int64_t part) {
    const int64_t begin = part * kPackRows, end = part_end(rows, kPackRows, part);
    for (int64_t k = 0; k < depth; k += kDepth) {
      const int64_t run = smaller(depth - k, kDepth);
      pack_rows(a, first_row + begin, first_row + end, first_row + rows, k, run, packed + k * rows + begin * run);
    }
  });
  return packed;
}

// `b.panel(panel, k, depth)` is the panel [depth][kPanel] of B from row k on, valid until the next call on the thread.
template <class PanelsOf>
static void product(ThreadPool& pool, const Matrix& a, int64_t rows, int64_t columns, int64_t depth, float* c,
                    const PanelsOf& b, const Epilogue& epilogue) {
  const int64_t panels = panels_of(columns);
  for (int64_t first = 0; first < rows; first += kBlockRows) {
    const int64_t block = smaller(rows - first, kBlockRows), parts = parts_of(block, kPartRows);
    const float* packed = pack_block(pool, a, first, block, depth);
    const int64_t wanted = panels * parts / 32, group = wanted < 1 ? 1 : smaller(wanted, 16);
    const int64_t groups = (panels + group - 1) / group;
    parallel_for(pool, groups * parts, [&](int64_t item) {
      const int64_t part = item % parts, begin = part * kPartRows, end = part_end(block, kPartRows, part);
      const int64_t first_panel = item / parts * group, end_panel = smaller(first_panel + group, panels);
      for (int64_t k = 0; k < depth; k += kDepth) {
        const int64_t run = smaller(depth - k, kDepth);
        for (int64_t panel = first_panel; panel < end_panel; panel++) {
          const int64_t column = panel * kPanel, width = smaller(columns - column, kPanel);
          const int64_t at = (first + begin) * columns + column;
          const bool starts = k == 0 && !epilogue.waits();
          const float* residual = starts && epilogue.residual ? epilogue.residual + at : nullptr;
          const Tile<PackedRows> tile = {{packed + k * block + begin * run, run},
                                         b.panel(panel, k, run),
                                         c + at,
                                         columns,
                                         run,
                                         width,
                                         k == 0 ? residual : c + at,
                                         starts && epilogue.bias ? epilogue.bias + column : nullptr};
          const bool finishes = k + run == depth && epilogue.waits();
          multiply_rows(tile, end - begin, [&](int64_t row, int64_t height) {
            if (finishes) epilogue.apply(c, columns, first + begin + row, height, column, width);
          });
        }
      }
    });
  }
}

}  // namespace ocelli::OCELLI_ISA
