#pragma once
// How a frozen weight [outputs, inputs] is stored, and how the kernels read it: as float32, whatever the format.
//
// A panel is kPanel of the outputs. It is kept in steps of kStep inputs; a step holds a word for each output, with the
// numbers of the step's inputs in it, the first in the lowest bits. So one load gives a register for each input by shifts
// and masks alone. The last step is filled up with zeros.
//
//   format     kStep  word     a number is                           factors
//   float32        1  32 bits  the weight
//   bfloat16       2  32 bits  the weight
//   float16        1  16 bits  the weight: instructions read eight or more that lie side by side
//   int8           4  32 bits  -127 .. 127, for the sum's factor     [panels][kPanel]: max |weight| of an output / 127
//   fp8            4  32 bits  E4M3: a sign, four bits of          the same / 448
//                              exponent, three of mantissa
//   nf4            8  32 bits  kNormalFloat4[it], for its factor     [panels][groups][kPanel]: max |weight| of a group
//   fp4            8  32 bits  kFloat4[it], for its factor           the same / 6
//
// The factor of int8 and fp8 is the same for all that an output sums up, so the product is multiplied with it at the end. That of
// a group is multiplied with each number when it is read.
//
// A group of the 4-bit formats is kGroup inputs of one output, from the row's first on: where kGroup divides the number
// of inputs, as it does in about every model, the blocks of 64 that bitsandbytes cuts the whole weight into.
//
// Measured on Zen 3 with AVX2, one row, 768 and 3072 inputs and outputs, against reading as many bytes in four streams.
// In the last cache, one thread: float16 95 to 99 %, 4 bits 6 %: they take 1.3 ns for eight, most of it for the two
// permutations that look sixteen values up.
// From L2, where arithmetic limits, in cycles for 64 bytes: float32 2.9, bfloat16 3.1 to 3.9, int8 8.4 to 8.8. For
// eight numbers int8 takes a shuffle, a conversion and a multiply-add, 24 for 64 bytes. Each can go to two of four pipes,
// which would take 6 cycles if all were always busy.
// From memory, the products of OPT-125M, two threads, beside other work: long streams fetched ahead are 1.10 times as fast
// as pieces of four panels that are not, for int8 and bfloat16 alike; float32 fetched ahead 0.92 to 0.95 times.
// Tried, by turns in one process:
// - bfloat16 as rows of halves, widened: 34 to 37 %. GCC 12 cuts a register of eight halves in two, and takes bytes one by
//   one: int8 in rows of bytes was ten times as slow as now.
// - int8 brought down by two shifts and multiplied with its factor when read: two thirds of the speed; masked in the top
//   of the word in place of shuffled there: nine tenths.
// - int8 read at each of four byte offsets and masked in place of shuffled: 7.6 to 8.2 cycles in L2, from memory no faster.
// - int8 in rows of bytes, widened by vpmovsxbd from memory: 8.0 cycles. Two panels side by side 8.9, three 9.2, five 9.3
//   in place of four, since the sums wait for one another or do not fit the registers.
// - Fetching streams 1 or 2 KiB ahead in place of 512 bytes: bfloat16 6 to 21 % slower, int8 0 to 6 %.
// - 4 bits with one or two panels side by side in place of four: the same.
#include "gemm_pack.h"
#include "simd/half.h"

namespace ocelli::OCELLI_ISA {

enum class WeightFormat { float32, bfloat16, int8, float16, nf4, fp4, fp8 };

constexpr int64_t kGroup = 64;
constexpr int kLongestStep = 8;
constexpr int kCodes = 16;

// NormalFloat4 (Dettmers et al., QLoRA, 2023, appendix E): quantiles of the normal distribution, scaled to [-1, 1].
alignas(64) constexpr float kNormalFloat4[kCodes] = {
    -1.f,         -0.6961928f,  -0.52507305f, -0.3949175f, -0.28444138f, -0.18477343f, -0.091050036f, 0.f,
    0.0795803f,   0.1609302f,   0.2461123f,   0.33791524f, 0.44070983f,  0.562617f,    0.72295684f,   1.f};
// E2M1 of the Open Compute Project's microscaling formats: a sign, two bits of exponent, one of mantissa.
alignas(64) constexpr float kFloat4[kCodes] = {0.f,  0.5f,  1.f,  1.5f,  2.f,  3.f,  4.f,  6.f,
                                               -0.f, -0.5f, -1.f, -1.5f, -2.f, -3.f, -4.f, -6.f};

// The words of a weight. `step(panel, k, j)` is what one load gives: outputs [j * kWidth, (j + 1) * kWidth) of a panel for
// the inputs [k, k + kStep), k a multiple of kStep; `row(step, i)` is the i-th of these inputs.
template <class Word, int Step>
struct PanelWords {
  static constexpr int kStep = Step;
  const Word* words;
  int64_t inputs;
  OCELLI_INLINE const Word* at(int64_t panel, int64_t k) const {
    const int64_t steps = (inputs + kStep - 1) / kStep;
    return words + (panel * steps + static_cast<int64_t>(static_cast<uint64_t>(k) / kStep)) * kPanel;
  }
  OCELLI_INLINE Word word(int64_t output, int64_t input) const {
    return at(output / kPanel, input)[output % kPanel];
  }
};

static OCELLI_INLINE Words load_words(const uint32_t* p) { return bits_of(load(reinterpret_cast<const float*>(p))); }

struct Float32Weights : PanelWords<float, 1> {
  OCELLI_INLINE Vector step(int64_t panel, int64_t k, int j) const { return load(at(panel, k) + j * kWidth); }
  static OCELLI_INLINE Vector row(Vector step, int) { return step; }
  OCELLI_INLINE float element(int64_t output, int64_t input) const { return word(output, input); }
};

struct BFloat16Weights : PanelWords<uint32_t, 2> {
  OCELLI_INLINE Words step(int64_t panel, int64_t k, int j) const { return load_words(at(panel, k) + j * kWidth); }
  static OCELLI_INLINE Vector row(Words step, int i) { return float_of(i == 0 ? step << 16 : step & 0xffff0000); }
  OCELLI_INLINE float element(int64_t output, int64_t input) const {
    const uint32_t pair = word(output, input), bits = input % 2 == 0 ? pair << 16 : pair & 0xffff0000;
    float x;
    memcpy(&x, &bits, 4);
    return x;
  }
};

struct Float16Weights : PanelWords<uint16_t, 1> {
  OCELLI_INLINE Vector step(int64_t panel, int64_t k, int j) const {
    Halves halves;
    memcpy(&halves, at(panel, k) + j * kWidth, sizeof halves);
    return from_float16(halves);
  }
  static OCELLI_INLINE Vector row(Vector step, int) { return step; }
  OCELLI_INLINE float element(int64_t output, int64_t input) const {
    return from_float16(Halves{word(output, input)})[0];
  }
};

// The byte i of each word as its highest, above zeros.
static OCELLI_INLINE Words top_byte(Words words, int i) {
#if defined(__AVX2__) && OCELLI_VECTOR_WIDTH == 8
  Words places;
  for (int lane = 0; lane < kWidth; lane++) places[lane] = static_cast<uint32_t>(lane % 4 * 4 + i) << 24 | 0x808080;
  return reinterpret_cast<Words>(
      _mm256_shuffle_epi8(reinterpret_cast<__m256i>(words), reinterpret_cast<__m256i>(places)));
#else
  return (words << (24 - 8 * i)) & 0xff000000;
#endif
}

// Numbers are read as 2^24 times what they are, which saves the way down from the top of a word; factors are kept 2^-24
// times what they are.
struct Int8Weights : PanelWords<uint32_t, 4> {
  static constexpr float kUnit = 16777216;
  const float* factors;
  OCELLI_INLINE Words step(int64_t panel, int64_t k, int j) const { return load_words(at(panel, k) + j * kWidth); }
  static OCELLI_INLINE Vector row(Words step, int i) {
    return __builtin_convertvector(reinterpret_cast<IntVector>(top_byte(step, i)), Vector);
  }
  OCELLI_INLINE float element(int64_t output, int64_t input) const {
    const uint32_t top = word(output, input) << (24 - input % kStep * 8) & 0xff000000;
    return static_cast<float>(static_cast<int32_t>(top)) * factors[output];
  }
};

// E4M3 of the Open Compute Project: exponents from 2^-6 with bias 7, subnormal numbers below, the largest 448, no infinity.
// Its exponent and mantissa, put where those of a float32 are, make 2^-120 times the number, subnormal ones too.
struct Fp8Weights : PanelWords<uint32_t, 4> {
  static constexpr float kUnit = 0x1p120f;
  const float* factors;
  OCELLI_INLINE Words step(int64_t panel, int64_t k, int j) const { return load_words(at(panel, k) + j * kWidth); }
  static OCELLI_INLINE Vector row(Words step, int i) {
    const Words top = top_byte(step, i);
    return float_of((top & 0x80000000) | ((top & 0x7f000000) >> 4)) * kUnit;
  }
  OCELLI_INLINE float element(int64_t output, int64_t input) const {
    const uint32_t top = word(output, input) << (24 - input % kStep * 8) & 0xff000000;
    const uint32_t bits = (top & 0x80000000) | ((top & 0x7f000000) >> 4);
    float x;
    memcpy(&x, &bits, 4);
    return x * kUnit * factors[output];
  }
};

// Whether sums of a format have to be multiplied with a factor for each output.
static OCELLI_INLINE bool scales_sums(int64_t format) {
  return format == static_cast<int64_t>(WeightFormat::int8) || format == static_cast<int64_t>(WeightFormat::fp8);
}

// table[the lowest four bits of each lane].
static OCELLI_INLINE Vector look_up(const float* table, Words codes) {
#if defined(__AVX512F__) && OCELLI_VECTOR_WIDTH == 16
  return _mm512_maskz_permutexvar_ps(0xffff, reinterpret_cast<__m512i>(codes), load(table));
#elif defined(__AVX2__) && OCELLI_VECTOR_WIDTH == 8
  const __m256i index = reinterpret_cast<__m256i>(codes);
  return _mm256_blendv_ps(_mm256_permutevar8x32_ps(load(table), index), _mm256_permutevar8x32_ps(load(table + 8), index),
                          _mm256_castsi256_ps(_mm256_slli_epi32(index, 28)));
#else
  Vector found;
  for (int i = 0; i < kWidth; i++) found[i] = table[codes[i] & (kCodes - 1)];
  return found;
#endif
}

template <const float (&Table)[kCodes]>
struct FourBitWeights : PanelWords<uint32_t, kLongestStep> {
  const float* factors;
  struct Loaded {
    Words words;
    Vector factors;
  };
  OCELLI_INLINE const float* factors_at(int64_t panel, int64_t k) const {
    const int64_t groups = (inputs + kGroup - 1) / kGroup;
    return factors + (panel * groups + static_cast<int64_t>(static_cast<uint64_t>(k) / kGroup)) * kPanel;
  }
  OCELLI_INLINE Loaded step(int64_t panel, int64_t k, int j) const {
    return {load_words(at(panel, k) + j * kWidth), load(factors_at(panel, k) + j * kWidth)};
  }
  static OCELLI_INLINE Vector row(const Loaded& step, int i) {
    return look_up(Table, step.words >> (4 * i)) * step.factors;
  }
  OCELLI_INLINE float element(int64_t output, int64_t input) const {
    const uint32_t code = word(output, input) >> input % kStep * 4 & (kCodes - 1);
    return Table[code] * factors_at(output / kPanel, input)[output % kPanel];
  }
};

// Calls body with a weight in its own format.
template <class Body>
static OCELLI_INLINE auto with_weights(const void* packed, const float* factors, int64_t inputs, int64_t format,
                                       const Body& body) {
  const auto* words = static_cast<const uint32_t*>(packed);
  switch (static_cast<WeightFormat>(format)) {
    case WeightFormat::bfloat16: return body(BFloat16Weights{{words, inputs}});
    case WeightFormat::float16: return body(Float16Weights{{static_cast<const uint16_t*>(packed), inputs}});
    case WeightFormat::int8: return body(Int8Weights{{words, inputs}, factors});
    case WeightFormat::fp8: return body(Fp8Weights{{words, inputs}, factors});
    case WeightFormat::nf4: return body(FourBitWeights<kNormalFloat4>{{words, inputs}, factors});
    case WeightFormat::fp4: return body(FourBitWeights<kFloat4>{{words, inputs}, factors});
    default: return body(Float32Weights{{static_cast<const float*>(packed), inputs}});
  }
}

// The inputs [k, k + count) of a panel as floats [count][kPanel]; k is a multiple of kStep, `to` has room for whole steps.
// In place where the weight is float32.
template <class Weights>
static OCELLI_INLINE const float* widened(const Weights& weights, int64_t panel, int64_t k, int64_t count, float* to) {
  if constexpr (__is_same(Weights, Float32Weights)) {
    return weights.at(panel, k);
  } else {
    for (int64_t step = 0; step < count; step += Weights::kStep)
#pragma GCC unroll 4
      for (int j = 0; j < kPanelVectors; j++) {
        const auto loaded = weights.step(panel, k + step, j);
#pragma GCC unroll 8
        for (int i = 0; i < Weights::kStep; i++) store(to + (step + i) * kPanel + j * kWidth, weights.row(loaded, i));
      }
    return to;
  }
}

}  // namespace ocelli::OCELLI_ISA
