// embedding, embedding_backward, scatter_rows: the twins of src/cpu/embedding.cpp's. An id outside of the table is reported;
// its row of the result is zeros, and nothing is written to the table for it.
//
// Bound by bytes. embedding reads and writes each row once, 16 bytes a thread. For the others a row of the table belongs to
// one block (its id modulo the number of blocks) and in it a column to one thread: the block looks through all ids, which
// come from L2, lists those of its rows in their order, and its threads add or write them one after another. So nothing is
// sorted, no two threads meet, and the order is that of the positions.
#include "elements.cuh"
#include "kernels.h"

namespace ocelli::cuda {

namespace {

template <int kPack, class Index>
__global__ void __launch_bounds__(256)
    gather_packs(Index packs, Index width, int64_t rows, const float* table, const int32_t* ids, float* y, Reporter reporter) {
  using Words = Pack<float, kPack>;
  const Index stride = static_cast<Index>(gridDim.x) * blockDim.x;
  for (Index i = static_cast<Index>(blockIdx.x) * blockDim.x + threadIdx.x; i < packs; i += stride) {
    const Index row = i / width, at = i - row * width;
    const int64_t id = ids[row];
    Words words = {};
    if (id >= 0 && id < rows) words = reinterpret_cast<const Words*>(table)[id * width + at];
    else if (at == 0) reporter.raise(Fault::id_outside, id, row, rows);
    reinterpret_cast<Words*>(y)[i] = words;
  }
}

template <int kPack>
void gather_by(const Call& call) {
  const int64_t width = call.size(1) / kPack, packs = call.size(0) * width, rows = call.size(2);
  const float* table = call.tensor(0);
  const int32_t* ids = call.tensor<int32_t>(1);
  const Reporter reporter = call.stream->reporter();
  const unsigned blocks = blocks_for(packs, 256);
  if (packs < int64_t{1} << 31)
    OCELLI_LAUNCH((gather_packs<kPack, uint32_t>), blocks, 256, 0, call.stream->handle(), static_cast<uint32_t>(packs), static_cast<uint32_t>(width), rows, table, ids, call.tensor(2), reporter);
  else
    OCELLI_LAUNCH((gather_packs<kPack, int64_t>), blocks, 256, 0, call.stream->handle(), packs, width, rows, table, ids, call.tensor(2), reporter);
}

constexpr int kMostListed = 256;  // ids that a block looks at together: one a thread

// The uses of a block's rows among the ids at hand, in their order.
struct UseList {
  int32_t id[kMostListed];
  int where[kMostListed];  // the position, from the first of the ids at hand
  int next[kMostListed];   // in the list, of the same row; -1 for none
  bool leads[kMostListed];  // the row's first
};

// Adds (kSum, to rows that it sets to zero first) or writes the rows of `from` to the table's rows ids[i]. A block has up to
// 256 threads, each with one pack of columns; blockIdx.y says which.
template <int kPack, bool kSum>
__global__ void __launch_bounds__(kMostListed)
    collect_rows(int64_t count, int64_t packs, int64_t rows, const float* from, const int32_t* ids, float* table, Reporter reporter) {
  using Words = Pack<float, kPack>;
  OCELLI_SHARED(list, UseList);
  OCELLI_SHARED(votes, unsigned[2][kMostListed / 32]);
  const int thread = threadIdx.x, threads = blockDim.x, warp = thread / 32, warps = threads / 32;
  const int64_t column = static_cast<int64_t>(blockIdx.y) * threads + thread;
  const bool has_column = column < packs;
  const Words* source = reinterpret_cast<const Words*>(from);
  Words* target = reinterpret_cast<Words*>(table);
  if (kSum && has_column)
    for (int64_t row = blockIdx.x; row < rows; row += gridDim.x) target[row * packs + column] = Words{};
  int turn = 0;
  for (int64_t begin = 0; begin < count; begin += threads, turn ^= 1) {
    const bool present = begin + thread < count;
    const int32_t id = present ? ids[begin + thread] : 0;
    const bool inside = id >= 0 && id < rows;
    if (!inside && blockIdx.x == 0 && blockIdx.y == 0) reporter.raise(Fault::id_outside, id, begin + thread, rows);
    const bool is_ours = present && inside && static_cast<uint32_t>(id) % gridDim.x == blockIdx.x;
    const unsigned vote = __ballot_sync(0xffffffffu, is_ours);
    if (thread % 32 == 0) votes[turn][warp] = vote;
    __syncthreads();
    int listed = 0, slot = __popc(vote & ((1u << thread % 32) - 1));
    for (int w = 0; w < warps; w++) {
      const int of_warp = __popc(votes[turn][w]);
      if (w < warp) slot += of_warp;
      listed += of_warp;
    }
    if (listed == 0) continue;  // the next votes go to the other buffer: no barrier is needed
    if (is_ours) {
      list.id[slot] = id;
      list.where[slot] = thread;
    }
    __syncthreads();
    if (thread < listed) {
      const int32_t own = list.id[thread];
      int before = 0, after = thread + 1;
      while (before < thread && list.id[before] != own) before++;
      while (after < listed && list.id[after] != own) after++;
      list.leads[thread] = before == thread;
      list.next[thread] = after < listed ? after : -1;
    }
    __syncthreads();
    for (int use = 0; use < listed && has_column; use++) {
      if (!list.leads[use]) continue;
      Words* to = &target[list.id[use] * packs + column];
      const auto row_of = [&](int at) { return source[(begin + list.where[at]) * packs + column]; };
      if constexpr (kSum) {
        Words sum = *to;
        for (int at = use; at >= 0;) {
          Words part[4] = {};  // four loads under way; zeros change no sum
#pragma unroll
          for (int i = 0; i < 4; i++) {
            if (at < 0) continue;
            part[i] = row_of(at);
            at = list.next[at];
          }
#pragma unroll
          for (int i = 0; i < 4; i++)
#pragma unroll
            for (int e = 0; e < kPack; e++) sum.at[e] += part[i].at[e];
        }
        *to = sum;
      } else {
        int last = use;
        while (list.next[last] >= 0) last = list.next[last];
        *to = row_of(last);
      }
    }
  }
}

template <int kPack, bool kSum>
void collect_by(const Call& call, const float* from, float* table) {
  const int64_t count = call.size(0), packs = call.size(1) / kPack, rows = call.size(2);
  const int64_t slices = (packs + kMostListed - 1) / kMostListed;
  const int threads = static_cast<int>(((packs + slices - 1) / slices + 31) / 32 * 32);
  // So many blocks that all processors are full of threads.
  const int64_t wanted = int64_t{call.stream->multiprocessors()} * 2048 / threads / slices;
  const dim3 grid(static_cast<unsigned>(wanted < 1 ? 1 : wanted > rows ? rows : wanted), static_cast<unsigned>(slices));
  OCELLI_LAUNCH((collect_rows<kPack, kSum>), grid, static_cast<unsigned>(threads), 0, call.stream->handle(), count, packs, rows, from, call.tensor<int32_t>(1), table, call.stream->reporter());
}

template <bool kSum>
void collect(const Call& call, const float* from, float* table) {
  if (call.size(1) <= 0 || call.size(2) <= 0) return;
  if (call.size(1) % 4 == 0 && is_aligned(from, 16) && is_aligned(table, 16)) collect_by<4, kSum>(call, from, table);
  else collect_by<1, kSum>(call, from, table);
}

}  // namespace

void embedding(const Call& call) {
  if (call.size(0) <= 0 || call.size(1) <= 0) return;
  if (call.size(1) % 4 == 0 && is_aligned(call.tensor(0), 16) && is_aligned(call.tensor(2), 16)) gather_by<4>(call);
  else gather_by<1>(call);
}

void embedding_backward(const Call& call) { collect<true>(call, call.tensor(0), call.tensor(2)); }
void scatter_rows(const Call& call) { collect<false>(call, call.tensor(0), call.tensor(2)); }

}  // namespace ocelli::cuda
