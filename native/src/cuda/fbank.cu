// fbank: the twin of src/cpu/fbank.cpp's, in double up to the energies as there.
//
// Bound by operations in double: about 30 thousand for a frame of 400 samples. A block takes a frame after the other; a
// frame lies in shared memory, twice, and Stockham's algorithm goes from one to the other, a butterfly a thread. What frames
// share (window, turns, the bins of each band that are not 0) is worked out by a kernel of its own and read through L1.
#include "kernels.h"
#include "stream.cuh"

namespace ocelli::cuda {

namespace {

constexpr int kFrameThreads = 128;
constexpr double kTwoPi = 6.28318530717958647693;

struct Complex {
  double re, im;
};
__device__ __forceinline__ Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
__device__ __forceinline__ Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
__device__ __forceinline__ Complex times_minus_i(Complex a) { return {a.im, -a.re}; }
__device__ __forceinline__ Complex turned(Complex a, Complex turn) {
  return {a.re * turn.re - a.im * turn.im, a.re * turn.im + a.im * turn.re};
}

// What all frames share.
struct FramePlan {
  int64_t frames, hop;
  int length, fft, bands;
  double preemphasis;
  bool remove_offset;
  float floor, log_scale;
  double* window;  // [length]
  Complex* turns;  // exp(-2 pi i t / fft), [fft]
  int2* bins;  // of each band, the first that is not 0 and the one after the last: [bands]

  __device__ int half() const { return fft / 2; }
};

// A thread a sample and a turn, a warp a band.
__global__ void __launch_bounds__(kFrameThreads) prepare_frames(FramePlan plan, int window, const float* filters) {
  const int first = blockIdx.x * kFrameThreads + threadIdx.x, stride = gridDim.x * kFrameThreads;
  for (int t = first; t < plan.length; t += stride) {
    const int period = window == 2 ? plan.length : plan.length > 1 ? plan.length - 1 : 1;
    const double hann = 0.5 - 0.5 * cos(kTwoPi * t / period);
    plan.window[t] = window == 1 ? pow(hann, 0.85) : hann;
  }
  for (int t = first; t < plan.fft; t += stride) {
    const double angle = -kTwoPi * t / plan.fft;
    plan.turns[t] = {cos(angle), sin(angle)};
  }
  const int bins = plan.half() + 1;
  for (int band = first / 32; band < plan.bands; band += stride / 32) {
    int begin = bins, end = 0;
    for (int bin = threadIdx.x % 32; bin < bins; bin += 32)
      if (filters[static_cast<int64_t>(band) * bins + bin] != 0) {
        begin = min(begin, bin);
        end = bin + 1;
      }
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2) {
      begin = min(begin, __shfl_xor_sync(0xffffffffu, begin, distance));
      end = max(end, __shfl_xor_sync(0xffffffffu, end, distance));
    }
    if (threadIdx.x % 32 == 0) plan.bins[band] = {begin, end};
  }
}

// One pass of Stockham's algorithm: `run` transforms of length `rest` beside each other become kRadix times as many of
// length rest / kRadix. From x to y.
template <int kRadix>
__device__ void transform_pass(const FramePlan& plan, int rest, int run, const Complex* x, Complex* y) {
  const int n = plan.half(), apart = rest / kRadix;
  for (int item = threadIdx.x; item < n / kRadix; item += kFrameThreads) {
    const int p = item / run, q = item - p * run;
    const Complex* from = x + q + run * p;
    Complex* to = y + q + run * kRadix * p;
    Complex a[kRadix], b[kRadix];
#pragma unroll
    for (int k = 0; k < kRadix; k++) a[k] = from[run * apart * k];
    if constexpr (kRadix == 4) {
      const Complex s = a[0] + a[2], d = a[0] - a[2], t = a[1] + a[3], e = times_minus_i(a[1] - a[3]);
      b[0] = s + t, b[1] = d + e, b[2] = s - t, b[3] = d - e;
    } else {
#pragma unroll
      for (int j = 0; j < kRadix; j++) {
        b[j] = a[0];
#pragma unroll
        for (int k = 1; k < kRadix; k++) b[j] = b[j] + turned(a[k], plan.turns[2 * (j * k % kRadix * (n / kRadix))]);
      }
    }
    to[0] = b[0];
#pragma unroll
    for (int j = 1; j < kRadix; j++) to[run * j] = turned(b[j], plan.turns[2 * p * j * run]);
  }
}

// The sum over the block's threads, in each of them.
__device__ double sum_of_frame(double value) {
  OCELLI_SHARED(of_warps, double[kFrameThreads / 32]);
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) value += __shfl_xor_sync(0xffffffffu, value, distance);
  if (threadIdx.x % 32 == 0) of_warps[threadIdx.x / 32] = value;
  __syncthreads();
  double sum = 0;
  for (int w = 0; w < kFrameThreads / 32; w++) sum += of_warps[w];
  return sum;
}

// `space`: two frames for each block, where they are too long for shared memory.
__global__ void __launch_bounds__(kFrameThreads)
    analyze_frames(FramePlan plan, const float* waveform, const float* filters, float* y, Complex* space) {
  OCELLI_DYNAMIC_SHARED(shared, Complex);
  const int n = plan.half(), thread = threadIdx.x;
  Complex* const here = space ? space + static_cast<int64_t>(blockIdx.x) * 2 * (n + 1) : shared;
  Complex* const there = here + n + 1;  // one more complex number: the power has a bin more
  for (int64_t frame = blockIdx.x; frame < plan.frames; frame += gridDim.x) {
    double* samples = reinterpret_cast<double*>(there);
    double* cut = reinterpret_cast<double*>(here);  // pairs of samples are the complex numbers of a transform of half the length
    double sum = 0;
    for (int t = thread; t < plan.length; t += kFrameThreads) {
      samples[t] = waveform[frame * plan.hop + t];
      sum += samples[t];
    }
    sum = sum_of_frame(sum);  // with a barrier: the samples are there
    const double mean = plan.remove_offset ? sum / plan.length : 0;
    for (int t = thread; t < plan.fft; t += kFrameThreads)
      cut[t] = t < plan.length
                   ? (samples[t] - mean - plan.preemphasis * (samples[t > 0 ? t - 1 : 0] - mean)) * plan.window[t]
                   : 0;
    __syncthreads();
    Complex *x = here, *other = there;
    for (int rest = n, run = 1; rest > 1;) {
      const int radix = rest % 4 == 0 ? 4 : rest % 2 == 0 ? 2 : rest % 3 == 0 ? 3 : 5;
      if (radix == 4) transform_pass<4>(plan, rest, run, x, other);
      else if (radix == 2) transform_pass<2>(plan, rest, run, x, other);
      else if (radix == 3) transform_pass<3>(plan, rest, run, x, other);
      else transform_pass<5>(plan, rest, run, x, other);
      rest /= radix;
      run *= radix;
      Complex* const swapped = x;
      x = other;
      other = swapped;
      __syncthreads();
    }
    // |X[k]| ^ 2 of the real frame, whose packed form has the transform x.
    double* power = reinterpret_cast<double*>(other);
    for (int k = thread; k <= n; k += kFrameThreads) {
      const Complex a = x[k % n], mirrored = x[(n - k) % n];
      const Complex b = {mirrored.re, -mirrored.im};
      const Complex bin = (a + b) + turned(times_minus_i(a - b), plan.turns[k]);
      power[k] = (bin.re * bin.re + bin.im * bin.im) * 0.25;
    }
    __syncthreads();
    for (int band = thread; band < plan.bands; band += kFrameThreads) {
      const float* filter = filters + static_cast<int64_t>(band) * (n + 1);
      const int2 bins = plan.bins[band];
      double energy = 0;
      for (int k = bins.x; k < bins.y; k++) energy += power[k] * filter[k];
      const float rounded = static_cast<float>(energy);
      y[frame * plan.bands + band] = logf(rounded < plan.floor ? plan.floor : rounded) * plan.log_scale;  // NaN stays NaN
    }
    __syncthreads();
  }
}

}  // namespace

void fbank(const Call& call) {
  Stream& stream = *call.stream;
  FramePlan plan;
  plan.frames = call.size(0), plan.hop = call.size(1);
  plan.length = static_cast<int>(call.size(2)), plan.fft = static_cast<int>(call.size(3)), plan.bands = static_cast<int>(call.size(4));
  plan.preemphasis = call.scalars[5], plan.remove_offset = call.flag(6);
  plan.floor = call.real(8), plan.log_scale = call.real(9);
  const float *waveform = call.tensor(0), *filters = call.tensor(1);
  if (plan.frames <= 0 || plan.bands <= 0) return;
  plan.window = stream.workspace<double>(plan.length);
  plan.turns = stream.workspace<Complex>(plan.fft);
  plan.bins = stream.workspace<int2>(plan.bands);
  const int64_t most = plan.fft > 32 * plan.bands ? plan.fft : 32 * plan.bands;
  OCELLI_LAUNCH(prepare_frames, blocks_for(most, kFrameThreads), kFrameThreads, 0, stream.handle(), plan, static_cast<int>(call.size(7)), filters);

  const int64_t bytes = 2 * (plan.fft / 2 + 1) * static_cast<int64_t>(sizeof(Complex));
  const bool fits = bytes <= 48 * 1024;  // 3000 points
  const unsigned blocks = blocks_for(plan.frames, 1, int64_t{stream.multiprocessors()} * 16);
  Complex* space = fits ? nullptr : stream.workspace<Complex>(static_cast<int64_t>(blocks) * 2 * (plan.fft / 2 + 1));
  OCELLI_LAUNCH(analyze_frames, blocks, kFrameThreads, fits ? static_cast<size_t>(bytes) : 0, stream.handle(), plan, waveform, filters, call.tensor(2), space);
}

}  // namespace ocelli::cuda
