// linear_pack: the twin of src/cpu/linear_pack.cpp's, into the layout of weight_format.cuh. Every number is rounded as there.
// Bound by reading the plain weight, once for each load of a model: a warp takes whole rows, or groups of 64 inputs.
#include "kernels.h"
#include "weight_format.cuh"

namespace ocelli::cuda {

namespace {

constexpr int kPackThreads = 256;

// The larger one; NaN if one is.
__device__ float larger_or_nan(float a, float b) { return b <= a || a != a ? a : b; }

__device__ float largest_of_warp(float size) {
  for (int distance = 16; distance > 0; distance /= 2)
    size = larger_or_nan(size, __shfl_xor_sync(0xffffffffu, size, distance));
  return size;
}

// The numbers of a weight as it comes; float32 are read as they are.
struct BFloat16Source {
  const uint16_t* bits;
  __device__ float operator[](int64_t i) const { return __uint_as_float(static_cast<uint32_t>(bits[i]) << 16); }
};
struct Float16Source {
  const uint16_t* bits;
  __device__ float operator[](int64_t i) const { return half_of(bits[i]); }
};

// What is not finite is in the factor already; 0 where the factor is 0.
__device__ float divided(float x, float factor) { return factor > 0 && factor < INFINITY ? x / factor : 0; }

__device__ unsigned to_nf4(float scaled, const Levels& levels) {
  unsigned code = 0;
#pragma unroll
  for (int i = 0; i + 1 < kCodes; i++) code += scaled > (levels.of[i] + levels.of[i + 1]) / 2;
  return code;
}

__device__ unsigned to_fp4(float scaled, const Levels& levels) {
  const float size = fabsf(scaled);
  unsigned code = 0;
#pragma unroll
  for (int i = 0; i + 1 < kCodes / 2; i++) {
    const float middle = (levels.of[i] + levels.of[i + 1]) / 2;
    code += i % 2 == 0 ? size > middle : size >= middle;
  }
  return scaled < 0 && code > 0 ? code | 8 : code;
}

__device__ uint16_t bits_of_bfloat16(float x) {
  const __nv_bfloat16 narrow = __float2bfloat16(x);
  uint16_t bits;
  memcpy(&bits, &narrow, 2);
  return bits;
}

__device__ uint16_t bits_of_float16(float x) {
  const __half narrow = __float2half(x);
  uint16_t bits;
  memcpy(&bits, &narrow, 2);
  return bits;
}

struct ToInt8 {
  static constexpr float kGreatest = 127;
  __device__ uint8_t operator()(float scaled) const { return static_cast<uint8_t>(static_cast<int8_t>(rintf(scaled))); }
};
struct ToFp8 {
  static constexpr float kGreatest = 448;
  __device__ uint8_t operator()(float scaled) const {
    const float size = fabsf(scaled);
    const uint32_t sign = scaled < 0 ? 0x80 : 0;
    // Below the smallest exponent, steps are 2^-9; the eighth of them is 2^-6, which has the next code.
    if (size < 0x1p-6f) return static_cast<uint8_t>(sign | static_cast<uint32_t>(rintf(size * 512)));
    const uint32_t bits = __float_as_uint(size);
    const uint32_t code = ((bits + 0x7ffff + (bits >> 20 & 1)) >> 20) - ((127 - 7) << 3);
    return static_cast<uint8_t>(sign | (code < 0x7e ? code : 0x7e));  // 448; the next is NaN
  }
};

// A warp for each row of an output.
template <class Number, class Plain>
__global__ void __launch_bounds__(kPackThreads) pack_bytes(Plain weight, int64_t outputs, int64_t inputs,
                                                           uint8_t* packed, float* factors) {
  const int lane = threadIdx.x % 32;
  const int64_t depth = filled_up(inputs), rows = filled_up(outputs);
  for (int64_t row = static_cast<int64_t>(blockIdx.x) * (kPackThreads / 32) + threadIdx.x / 32; row < rows;
       row += static_cast<int64_t>(gridDim.x) * (kPackThreads / 32)) {
    const int64_t from = row * inputs;
    float most = 0;
    for (int64_t k = lane; row < outputs && k < inputs; k += 32) most = larger_or_nan(most, fabsf(weight[from + k]));
    const float factor = largest_of_warp(most) / Number::kGreatest;
    if (lane == 0) factors[row] = factor;
    for (int64_t k = lane; k < depth; k += 32)
      packed[row * depth + k] =
          row < outputs && k < inputs ? Number{}(divided(weight[from + k], factor)) : static_cast<uint8_t>(0);
  }
}

// A warp for each group: two inputs, which are a byte, for each lane.
template <bool kFp4, class Plain>
__global__ void __launch_bounds__(kPackThreads) pack_4_bits(Plain weight, int64_t outputs, int64_t inputs,
                                                            uint8_t* packed, float* factors, Levels levels) {
  const int lane = threadIdx.x % 32;
  const int64_t groups = filled_up(inputs) / kGroup, count = filled_up(outputs) * groups;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * (kPackThreads / 32) + threadIdx.x / 32; i < count;
       i += static_cast<int64_t>(gridDim.x) * (kPackThreads / 32)) {
    const int64_t row = i / groups, k = i % groups * kGroup + 2 * lane;
    float x[2];
    for (int j = 0; j < 2; j++) x[j] = row < outputs && k + j < inputs ? weight[row * inputs + k + j] : 0.f;
    const float factor = largest_of_warp(larger_or_nan(fabsf(x[0]), fabsf(x[1]))) / (kFp4 ? 6.f : 1.f);
    if (lane == 0) factors[i] = factor;
    unsigned byte = 0;
    for (int j = 0; j < 2; j++) {
      const float scaled = divided(x[j], factor);
      byte |= (kFp4 ? to_fp4(scaled, levels) : to_nf4(scaled, levels)) << 4 * j;
    }
    packed[i * (kGroup / 2) + lane] = static_cast<uint8_t>(byte);
  }
}

// body(place, number) for every number of the packed weight; it is 0 where the plain one has none.
template <class Plain, class Body>
void for_packed(const Call& call, const Plain& weight, const Body& body) {
  const int64_t outputs = call.size(0), inputs = call.size(1), depth = filled_up(inputs);
  for_elements(*call.stream, filled_up(outputs) * depth, [=] __device__(int64_t i) {
    const int64_t row = i / depth, k = i % depth;
    body(i, row < outputs && k < inputs ? weight[row * inputs + k] : 0.f);
  });
}

struct StoreFloat32 {
  float* to;
  __device__ void operator()(int64_t i, float x) const { to[i] = x; }
};
struct StoreBFloat16 {
  uint16_t* to;
  __device__ void operator()(int64_t i, float x) const { to[i] = bits_of_bfloat16(x); }
};
struct StoreFloat16 {
  uint16_t* to;
  __device__ void operator()(int64_t i, float x) const { to[i] = bits_of_float16(x); }
};

template <class Plain>
void pack_from(const Call& call, const Plain& weight) {
  const int64_t outputs = call.size(0), inputs = call.size(1), rows = filled_up(outputs);
  const auto format = static_cast<WeightFormat>(call.size(2));
  float* factors = call.tensor(2);
  const cudaStream_t stream = call.stream->handle();
  const unsigned warps_of_rows = blocks_for(rows, kPackThreads / 32);
  const unsigned warps_of_groups = blocks_for(rows * (filled_up(inputs) / kGroup), kPackThreads / 32);
  switch (format) {
    case WeightFormat::float32: return for_packed(call, weight, StoreFloat32{call.tensor<float>(1)});
    case WeightFormat::bfloat16: return for_packed(call, weight, StoreBFloat16{call.tensor<uint16_t>(1)});
    case WeightFormat::float16: return for_packed(call, weight, StoreFloat16{call.tensor<uint16_t>(1)});
    case WeightFormat::int8:
      OCELLI_LAUNCH((pack_bytes<ToInt8, Plain>), warps_of_rows, kPackThreads, 0, stream, weight, outputs, inputs,
                    call.tensor<uint8_t>(1), factors);
      return;
    case WeightFormat::fp8:
      OCELLI_LAUNCH((pack_bytes<ToFp8, Plain>), warps_of_rows, kPackThreads, 0, stream, weight, outputs, inputs,
                    call.tensor<uint8_t>(1), factors);
      return;
    case WeightFormat::nf4:
      OCELLI_LAUNCH((pack_4_bits<false, Plain>), warps_of_groups, kPackThreads, 0, stream, weight, outputs, inputs,
                    call.tensor<uint8_t>(1), factors, levels_of(format));
      return;
    case WeightFormat::fp4:
      OCELLI_LAUNCH((pack_4_bits<true, Plain>), warps_of_groups, kPackThreads, 0, stream, weight, outputs, inputs,
                    call.tensor<uint8_t>(1), factors, levels_of(format));
      return;
  }
}

}  // namespace

void linear_pack(const Call& call) {
  switch (call.size(3)) {
    case 1: return pack_from(call, BFloat16Source{call.tensor<uint16_t>(0)});
    case 2: return pack_from(call, Float16Source{call.tensor<uint16_t>(0)});
    default: return pack_from<const float*>(call, call.tensor(0));
  }
}

}  // namespace ocelli::cuda
