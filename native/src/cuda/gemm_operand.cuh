#pragma once
// An operand of a product: how tiles of it come into shared memory, in the numbers that it is stored in, and from there into
// registers as the tensor cores want them.
//
// The inner dimension of the product is its depth; the other one of an operand, rows of A or columns of B, are its lines. A
// lane of a warp takes four numbers at a time that follow each other in the depth: of 16 numbers, lane l has [4 (l % 4), + 4)
// of line l / 4. That is not the order in which mma.sync counts them, but as it is the same for A and B, the sums are of the
// same products.
#include "ptx.cuh"
#include "weight_format.cuh"

namespace ocelli::cuda::gemm {

constexpr int kTileDepth = 32;

// A matrix in global memory: `outer` rows of `inner` numbers, `stride` bytes from one to the next.
struct Source {
  const void* base;
  int64_t outer, inner, stride;
  bool wide;  // rows begin at multiples of 16 bytes, and are filled up with zeros to multiples of 16 bytes or are so long

  static Source plain(const float* base, int64_t outer, int64_t inner) {
    return {base, outer, inner, inner * 4, inner % 4 == 0 && reinterpret_cast<uintptr_t>(base) % 16 == 0};
  }
  template <class Numbers>
  static Source packed(const void* base, int64_t outputs, int64_t inputs) {
    const int64_t depth = filled_up(inputs);
    return {base, filled_up(outputs), depth, depth * Numbers::kBits / 8, true};
  }
};

// What 4-bit codes stand for, in shared memory.
struct Decoding {
  const float* levels;
  const float* factors;
};

__device__ __forceinline__ uint32_t pack_bfloat16(float first, float second) {
#ifdef OCELLI_SIMT
  return ::simt::narrow(first, ::simt::kBFloat16, false) | ::simt::narrow(second, ::simt::kBFloat16, false) << 16;
#else
  uint32_t pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;\n" : "=r"(pair) : "f"(second), "f"(first));
  return pair;
#endif
}

// A tile of kLines x kTileDepth numbers. kDepthInner: the depth is what lies side by side in memory; else the lines.
//
// Pieces of 16 bytes change places within their row, so that what eight lanes read or write at once lies in different banks.
template <class Numbers, bool kDepthInner, int kLines>
struct OperandTile {
  static constexpr int kOuter = kDepthInner ? kLines : kTileDepth;
  static constexpr int kInner = kDepthInner ? kTileDepth : kLines;
  static constexpr int kInPiece = 128 / Numbers::kBits;
  static constexpr int kPieces = kInner / kInPiece;  // in a row
  static constexpr int kBytes = kOuter * kPieces * 16;
  // Factors of the 4-bit formats: one for each line, or with lines inside, for each 64 of them at each depth.
  static constexpr int kFactors = !Numbers::kGroups ? 0 : kDepthInner ? kLines : kTileDepth * (kLines / kGroup);
  using Quad = typename Numbers::Quad;

  static __device__ __forceinline__ unsigned char* piece(unsigned char* tile, int outer, int piece) {
    constexpr int kRowsOfBanks = kPieces < 8 ? 8 / kPieces : 1;  // rows in 128 bytes, which are all banks
    const int turn = kDepthInner ? outer / kRowsOfBanks % 2 * (kPieces / 2) : (outer / 4 % 4 * 2 + outer % 2) & (kPieces - 1);
    return tile + (outer * kPieces + (piece ^ turn)) * 16;
  }
  static __device__ __forceinline__ const unsigned char* at(const unsigned char* tile, int outer, int inner) {
    return piece(const_cast<unsigned char*>(tile), outer, inner / kInPiece) + inner % kInPiece * Numbers::kBits / 8;
  }

  // Begins the copy of the tile at (line, depth). Numbers outside of the matrix become zeros.
  template <int kThreads>
  static __device__ __forceinline__ void load(unsigned char* tile, const Source& from, int64_t line, int64_t depth) {
    const int64_t first_outer = kDepthInner ? line : depth, first_inner = kDepthInner ? depth : line;
#pragma unroll
    for (int i = threadIdx.x; i < kOuter * kPieces; i += kThreads) {
      const int row = i / kPieces, column = i % kPieces;
      const int64_t outer = first_outer + row, inner = first_inner + column * kInPiece;
      unsigned char* to = piece(tile, row, column);
      const bool present = outer < from.outer;
      const char* source = static_cast<const char*>(from.base) + (present ? outer : 0) * from.stride;
      if (Numbers::kBits < 32 || from.wide) {
        const bool inside = present && inner < from.inner;
        ptx::copy_async_16(to, source + (inside ? inner * Numbers::kBits / 8 : 0), inside);
      } else {
#pragma unroll
        for (int j = 0; j < 4; j++) {
          const bool inside = present && inner + j < from.inner;
          ptx::copy_async_4(to + 4 * j, source + (inside ? (inner + j) * 4 : 0), inside);
        }
      }
    }
  }

  // The factors of the same tile: factors [outputs][groups], of which `from` has as many as are filled up.
  template <int kThreads>
  static __device__ __forceinline__ void load_factors(float* to, const float* factors, int64_t groups, const Source& from,
                                                      int64_t line, int64_t depth) {
    for (int i = threadIdx.x; i < kFactors; i += kThreads) {
      const int64_t output = kDepthInner ? line + i : depth + i / (kLines / kGroup);
      const int64_t group = kDepthInner ? depth / kGroup : line / kGroup + i % (kLines / kGroup);
      const bool inside = output < from.outer && group < groups;
      ptx::copy_async_4(to + i, factors + (inside ? output * groups + group : 0), inside);
    }
  }

  // The lane's quads of kCount times eight lines, the first `line`, at depths [depth, depth + 16) of the tile.
  template <int kCount>
  static __device__ __forceinline__ void quads(Quad (&to)[kCount], const unsigned char* tile, int line, int depth, int lane) {
    const int own = depth + lane % 4 * 4;
    if constexpr (kDepthInner) {
#pragma unroll
      for (int i = 0; i < kCount; i++)
        to[i] = *reinterpret_cast<const Quad*>(at(tile, line + 8 * i + lane / 4, own));
    } else if constexpr (Numbers::kBits == 16) {
      // Rows of matrices in the order in which their registers take them up: depths 4 q, 4 q + 1, and the two after them.
      const int row = depth + lane % 8 / 2 * 4 + lane / 8 % 2 * 2 + lane % 2;
#pragma unroll
      for (int i = 0; i < kCount; i += 2) {
        uint32_t pairs[4];
        ptx::load_matrices_4_transposed(pairs, at(tile, row, line + 8 * i + lane / 16 * 8));
        to[i] = make_uint2(pairs[0], pairs[1]);
        to[i + 1] = make_uint2(pairs[2], pairs[3]);
      }
    } else {
#pragma unroll
      for (int i = 0; i < kCount; i++) {
        const int column = line + 8 * i + lane / 4;
        if constexpr (Numbers::kBits == 32) {
          float four[4];
#pragma unroll
          for (int j = 0; j < 4; j++) four[j] = *reinterpret_cast<const float*>(at(tile, own + j, column));
          to[i] = make_float4(four[0], four[1], four[2], four[3]);
        } else {
          uint32_t joined = 0;
#pragma unroll
          for (int j = 0; j < 4; j++) {
            const uint32_t byte = *at(tile, own + j, column);
            joined |= (Numbers::kBits == 8 ? byte : byte >> column % 2 * 4 & 15) << Numbers::kBits * j;
          }
          to[i] = static_cast<Quad>(joined);
        }
      }
    }
  }

  // Half the sum of line threadIdx.x / 2 over the tile's depths; the neighbouring thread has the other half.
  template <int kThreads>
  static __device__ __forceinline__ float half_sum(const unsigned char* tile) {
    static_assert(kThreads == 2 * kLines && !kDepthInner && Numbers::kBits == 32, "two threads for each line");
    const int line = threadIdx.x / 2, half = threadIdx.x % 2 * 8;  // what lies 8 depths apart is in different banks
    float sum = 0;
#pragma unroll
    for (int i = 0; i < kTileDepth / 2; i++)
      sum += *reinterpret_cast<const float*>(at(tile, i / 8 * 16 + half + i % 8, line));
    return sum;
  }

  // The same as float32.
  template <int kCount>
  static __device__ __forceinline__ void floats(float (&to)[kCount][4], const unsigned char* tile, int line, int depth,
                                                int lane, const Decoding& decoding) {
    Quad read[kCount];
    quads(read, tile, line, depth, lane);
#pragma unroll
    for (int i = 0; i < kCount; i++) {
      Numbers::widen(to[i], read[i], decoding.levels);
      if constexpr (Numbers::kGroups) {
        const int own = line + 8 * i + lane / 4;
#pragma unroll
        for (int j = 0; j < 4; j++)
          to[i][j] *= decoding.factors[kDepthInner ? own : (depth + lane % 4 * 4 + j) * (kLines / kGroup) + own / kGroup];
      }
    }
  }

  // The same rounded to bfloat16, in pairs.
  template <int kCount>
  static __device__ __forceinline__ void pairs(uint32_t (&to)[kCount][2], const unsigned char* tile, int line, int depth,
                                               int lane, const Decoding& decoding) {
    if constexpr (__is_same(Numbers, BFloat16Numbers)) {
      Quad read[kCount];
      quads(read, tile, line, depth, lane);
#pragma unroll
      for (int i = 0; i < kCount; i++) to[i][0] = read[i].x, to[i][1] = read[i].y;
    } else {
      float wide[kCount][4];
      floats(wide, tile, line, depth, lane, decoding);
#pragma unroll
      for (int i = 0; i < kCount; i++)
#pragma unroll
        for (int j = 0; j < 2; j++) to[i][j] = pack_bfloat16(wide[i][2 * j], wide[i][2 * j + 1]);
    }
  }
};

}  // namespace ocelli::cuda::gemm
