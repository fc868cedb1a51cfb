// linear_pack   tensors weight[outputs, inputs], packed, factors or null      scalars outputs, inputs, format, from
//   A weight in the layout of weight_format.h; it comes as float32 (from 0), bfloat16 (1) or float16 (2). Numbers are
//   rounded to the nearest that the format has: bfloat16 and float16 with ties to even, int8 and fp8 of weight / factor with
//   ties to even, nf4 as bitsandbytes with ties to the lower, fp4 with ties to an even mantissa. NaN and infinity stay what
//   they are, or make their whole factor such.
#include "kernels.h"
#include "simd/fold.h"
#include "weight_format.h"

namespace ocelli::OCELLI_ISA {
namespace {

// `most`, or the largest magnitude of `count` numbers `stride` apart where that is larger; NaN if one is.
float larger(float most, const float* x, int64_t count, int64_t stride) {
  for (int64_t i = 0; i < count; i++) {
    const float size = __builtin_fabsf(x[i * stride]);
    most = size <= most || most != most ? most : size;
  }
  return most;
}

constexpr uint32_t kLargestFp8 = 0x7e;  // 448; the next is NaN

// What is not finite is in the factor already; 0 where the factor is 0.
bool can_divide(float factor) { return factor > 0 && factor < __builtin_inff(); }

// The factor without its 2^-24.
uint32_t to_int8(float x, float factor) {
  return can_divide(factor) ? static_cast<uint8_t>(static_cast<int8_t>(__builtin_rintf(x / factor))) : 0;
}

uint32_t to_fp8(float x, float factor) {
  if (!can_divide(factor)) return 0;
  const float scaled = x / factor, size = __builtin_fabsf(scaled);
  const uint32_t sign = scaled < 0 ? 0x80 : 0;
  // Below the smallest exponent, steps are 2^-9; the eighth of them is 2^-6, which has the next code.
  if (size < 0x1p-6f) return sign | static_cast<uint32_t>(__builtin_rintf(size * 512));
  uint32_t bits;
  memcpy(&bits, &size, 4);
  const uint32_t code = ((bits + 0x7ffff + (bits >> 20 & 1)) >> 20) - ((127 - 7) << 3);
  return sign | (code < kLargestFp8 ? code : kLargestFp8);
}

uint32_t to_nf4(float x, float factor) {
  const float scaled = can_divide(factor) ? x / factor : 0;
  uint32_t code = 0;
  for (int i = 0; i + 1 < kCodes; i++) code += scaled > (kNormalFloat4[i] + kNormalFloat4[i + 1]) / 2;
  return code;
}

uint32_t to_fp4(float x, float factor) {
  const float scaled = can_divide(factor) ? x / factor : 0, size = __builtin_fabsf(scaled);
  uint32_t code = 0;
  for (int i = 0; i + 1 < kCodes / 2; i++) {
    const float middle = (kFloat4[i] + kFloat4[i + 1]) / 2;
    code += i % 2 == 0 ? size > middle : size >= middle;
  }
  return scaled < 0 && code > 0 ? code | 8 : code;
}

// Words of whole steps from floats [inputs][kPanel]; number(value, row, column) are the bits of one.
template <int Step, class Number>
void pack_words(const float* wide, int64_t inputs, uint32_t* to, const Number& number) {
  for (int64_t k = 0; k < inputs; k += Step)
    for (int column = 0; column < kPanel; column++) {
      uint32_t word = 0;
      for (int64_t i = k; i < smaller(k + Step, inputs); i++)
        word |= number(wide[i * kPanel + column], i, column) << (i - k) * (32 / Step);
      *to++ = word;
    }
}

enum class SourceType { float32, bfloat16, float16 };

// A panel of a weight as it comes: `columns` rows of `inputs` numbers.
struct Source {
  const void* numbers;
  SourceType type;
  int64_t inputs, columns;

  // Calls body(matrix, k, run) for the inputs [k, k + run) as a matrix [run][columns] of floats.
  template <class Body>
  void for_each_piece(const Body& body) const {
    for (int64_t k = 0; k < inputs; k += kDepth) {
      const int64_t run = smaller(inputs - k, kDepth);
      switch (type) {
        case SourceType::float32: body(Matrix{static_cast<const float*>(numbers) + k, 1, inputs}, k, run); break;
        case SourceType::bfloat16:
          body(widen(k, run, [](Halves x) OCELLI_HOT { return from_bfloat16(x); }), k, run);
          break;
        case SourceType::float16:
          body(widen(k, run, [](Halves x) OCELLI_HOT { return from_float16(x); }), k, run);
          break;
      }
    }
  }

  template <class Read>
  Matrix widen(int64_t k, int64_t run, const Read& read) const {
    float* wide = thread_scratch(Scratch::row, kDepth * kPanel);
    for (int64_t column = 0; column < columns; column++) {
      const uint16_t* from = static_cast<const uint16_t*>(numbers) + column * inputs + k;
      for_each_vector(run, [&](int64_t i, int64_t count) OCELLI_HOT {
        Halves halves = {};
        memcpy(&halves, from + i, static_cast<size_t>(count) * sizeof(uint16_t));
        store(wide + column * kDepth + i, read(halves));  // kDepth is whole registers
      });
    }
    return {wide, 1, kDepth};
  }
};
static_assert(kDepth % kGroup == 0 && kGroup % kLongestStep == 0, "pieces begin where groups do");
static_assert(kDepth % kWidth == 0, "pieces are widened in whole registers");

struct Packing {
  Source source;
  int64_t panel;
  float* factors;

  // Calls body(wide, k, run) for the inputs [k, k + run) as floats [run][kPanel].
  template <class Body>
  void for_each_wide(const Body& body) const {
    float* wide = thread_scratch(Scratch::tile, kDepth * kPanel);
    source.for_each_piece([&](const Matrix& piece, int64_t k, int64_t run) {
      pack_panel(piece, 0, run, 0, source.columns, wide);
      body(wide, k, run);
    });
  }

  void fill(const Float32Weights& to) const {
    source.for_each_piece([&](const Matrix& piece, int64_t k, int64_t run) {
      pack_panel(piece, 0, run, 0, source.columns, const_cast<float*>(to.at(panel, k)));
    });
  }
  void fill(const BFloat16Weights& to) const {
    if (source.type == SourceType::bfloat16 && source.inputs % 2 == 0) {
      // The words are those of the weight, whatever numbers they would be as floats.
      const int64_t words = source.inputs / 2;
      float* packed = reinterpret_cast<float*>(const_cast<uint32_t*>(to.at(panel, 0)));
      return pack_panel({static_cast<const float*>(source.numbers), 1, words}, 0, words, 0, source.columns, packed);
    }
    for_each_wide([&](const float* wide, int64_t k, int64_t run) {
      pack_words<2>(wide, run, const_cast<uint32_t*>(to.at(panel, k)),
                    [](float x, int64_t, int) -> uint32_t { return to_bfloat16(splat(x))[0]; });
    });
  }
  void fill(const Float16Weights& to) const {
    for_each_wide([&](const float* wide, int64_t k, int64_t run) {
      for (int64_t i = 0; i < run * kPanel; i += kWidth) {
        const Halves halves = to_float16(load(wide + i));
        memcpy(const_cast<uint16_t*>(to.at(panel, k)) + i, &halves, sizeof halves);
      }
    });
  }
  void fill(const Int8Weights& to) const {
    fill_bytes(to, 127, [](float x, float factor) { return to_int8(x, factor * Int8Weights::kUnit); }, Int8Weights::kUnit);
  }
  void fill(const Fp8Weights& to) const { fill_bytes(to, 448, to_fp8, 1); }

  // `greatest` is the largest number of the format; factors are kept 1 / unit times what they are.
  template <class Weights, class Number>
  void fill_bytes(const Weights& to, float greatest, const Number& number, float unit) const {
    float* own = factors + panel * kPanel;
    for (int64_t column = 0; column < kPanel; column++) own[column] = 0;
    source.for_each_piece([&](const Matrix& piece, int64_t, int64_t run) {
      for (int64_t column = 0; column < source.columns; column++)
        own[column] = larger(own[column], piece.at(0, column), run, 1);
    });
    for (int64_t column = 0; column < kPanel; column++) own[column] = own[column] / greatest / unit;
    for_each_wide([&](const float* wide, int64_t k, int64_t run) {
      pack_words<4>(wide, run, const_cast<uint32_t*>(to.at(panel, k)),
                    [&](float x, int64_t, int column) { return number(x, own[column]); });
    });
  }

  void fill(const FourBitWeights<kNormalFloat4>& to) const { fill_groups(to, 1, to_nf4); }
  void fill(const FourBitWeights<kFloat4>& to) const { fill_groups(to, 6, to_fp4); }

  // `greatest` is the largest number of the format.
  template <class Weights, class Number>
  void fill_groups(const Weights& to, float greatest, const Number& number) const {
    for_each_wide([&](const float* wide, int64_t k, int64_t run) {
      float* own = const_cast<float*>(to.factors_at(panel, k));
      for (int64_t i = 0; i < run; i += kGroup)
        for (int column = 0; column < kPanel; column++)
          own[i / kGroup * kPanel + column] =
              larger(0, wide + i * kPanel + column, smaller(run - i, kGroup), kPanel) / greatest;
      pack_words<kLongestStep>(wide, run, const_cast<uint32_t*>(to.at(panel, k)), [&](float x, int64_t i, int column) {
        return number(x, own[i / kGroup * kPanel + column]);
      });
    });
  }
};

}  // namespace

void linear_pack(const Call& call) {
  const int64_t outputs = call.size(0), inputs = call.size(1);
  const auto type = static_cast<SourceType>(call.size(3));
  const int64_t panel_bytes = kPanel * inputs * (type == SourceType::float32 ? 4 : 2);
  float* factors = call.tensor(2);
  with_weights(call.tensor<void>(1), factors, inputs, call.size(2), [&](auto to) {
    parallel_for(call.pool, panels_of(outputs), [&](int64_t panel) {
      const Source source = {call.tensor<char>(0) + panel * panel_bytes, type, inputs,
                             smaller(outputs - panel * kPanel, kPanel)};
      Packing{source, panel, factors}.fill(to);
    });
  });
}

}  // namespace ocelli::OCELLI_ISA
