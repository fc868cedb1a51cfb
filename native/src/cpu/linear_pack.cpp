// linear_pack   tensors weight[outputs, inputs], packed, factors or null      scalars outputs, inputs, format
//   A weight in the layout of weight_format.h. Numbers are rounded to the nearest that the format has: bfloat16 and
//   float16 with ties to even, int8 and fp8 of weight / factor with ties to even, nf4 as bitsandbytes with ties to the lower, fp4
//   with ties to an even mantissa. NaN and infinity stay what they are, or make their whole factor such.
#include "kernels.h"
#include "weight_format.h"

namespace ocelli::OCELLI_ISA {
namespace {

// The largest magnitude of `count` numbers `stride` apart; NaN if one is.
float largest(const float* x, int64_t count, int64_t stride) {
  float most = 0;
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

// Calls body(wide, k, run) for the inputs [k, k + run) of a panel as floats [run][kPanel].
template <class Body>
void for_each_piece(const float* weight, int64_t outputs, int64_t inputs, int64_t panel, const Body& body) {
  float* wide = thread_scratch(Scratch::tile, kDepth * kPanel);
  for (int64_t k = 0; k < inputs; k += kDepth) {
    const int64_t run = smaller(inputs - k, kDepth);
    pack_panel({weight, 1, inputs}, k, run, panel * kPanel, outputs, wide);
    body(wide, k, run);
  }
}
static_assert(kDepth % kGroup == 0 && kGroup % kLongestStep == 0, "pieces begin where groups do");

struct Packing {
  const float* weight;
  int64_t outputs, inputs, panel;
  float* factors;

  void fill(const Float32Weights& to) const {
    pack_panel({weight, 1, inputs}, 0, inputs, panel * kPanel, outputs, const_cast<float*>(to.at(panel, 0)));
  }
  void fill(const BFloat16Weights& to) const {
    for_each_piece(weight, outputs, inputs, panel, [&](const float* wide, int64_t k, int64_t run) {
      pack_words<2>(wide, run, const_cast<uint32_t*>(to.at(panel, k)),
                    [](float x, int64_t, int) -> uint32_t { return to_bfloat16(splat(x))[0]; });
    });
  }
  void fill(const Float16Weights& to) const {
    for_each_piece(weight, outputs, inputs, panel, [&](const float* wide, int64_t k, int64_t run) {
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
    for (int64_t column = 0; column < kPanel; column++) {
      const int64_t output = panel * kPanel + column;
      own[column] = output < outputs ? largest(weight + output * inputs, inputs, 1) / greatest / unit : 0;
    }
    for_each_piece(weight, outputs, inputs, panel, [&](const float* wide, int64_t k, int64_t run) {
      pack_words<4>(wide, run, const_cast<uint32_t*>(to.at(panel, k)),
                    [&](float x, int64_t, int column) { return number(x, own[column]); });
    });
  }

  void fill(const FourBitWeights<kNormalFloat4>& to) const { fill_groups(to, 1, to_nf4); }
  void fill(const FourBitWeights<kFloat4>& to) const { fill_groups(to, 6, to_fp4); }

  // `greatest` is the largest number of the format.
  template <class Weights, class Number>
  void fill_groups(const Weights& to, float greatest, const Number& number) const {
    for_each_piece(weight, outputs, inputs, panel, [&](const float* wide, int64_t k, int64_t run) {
      float* own = const_cast<float*>(to.factors_at(panel, k));
      for (int64_t i = 0; i < run; i += kGroup)
        for (int column = 0; column < kPanel; column++)
          own[i / kGroup * kPanel + column] =
              largest(wide + i * kPanel + column, smaller(run - i, kGroup), kPanel) / greatest;
      pack_words<kLongestStep>(wide, run, const_cast<uint32_t*>(to.at(panel, k)), [&](float x, int64_t i, int column) {
        return number(x, own[i / kGroup * kPanel + column]);
      });
    });
  }
};

}  // namespace

void linear_pack(const Call& call) {
  const int64_t outputs = call.size(0), inputs = call.size(1);
  float* factors = call.tensor(2);
  with_weights(call.tensor<void>(1), factors, inputs, call.size(2), [&](auto to) {
    parallel_for(call.pool, panels_of(outputs), [&](int64_t panel) {
      Packing{call.tensor(0), outputs, inputs, panel, factors}.fill(to);
    });
  });
}

}  // namespace ocelli::OCELLI_ISA
