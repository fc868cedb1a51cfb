// Log energies of a waveform in bands of frequency: what Kaldi calls fbank, and a log mel spectrogram.
//
// fbank   tensors waveform[(frames - 1) * hop + frame_length], filters[bands, fft_length / 2 + 1], y[frames, bands]
//         scalars frames, hop, frame_length, fft_length, bands, preemphasis, remove_offset, window, floor, log_scale
//   Frame f begins at sample f * hop. Its mean is taken off (remove_offset), then x[t] -= preemphasis * x[t - 1] (x[0] by
//   itself), a window is laid over it (0 Hann, 1 Povey: Hann ^ 0.85, 2 periodic Hann) and zeros fill it up to fft_length,
//   which is even and has no prime factor above 5. y = log_scale * log(max(floor, filters * |Fourier transform| ^ 2)).
//
// In double up to the energies: in float, what a loud tone leaves in the other bands would be rounding. A register holds
// the same sample of several frames, so nothing is ever shuffled between lanes.
#include "kernels.h"
#include "simd/activations.h"

namespace ocelli::OCELLI_ISA {
namespace {

constexpr int kLanes = kWidth / 2;
constexpr double kPi = 3.14159265358979323846;
typedef double Lanes __attribute__((vector_size(kLanes * 8)));

struct Complex {
  Lanes re, im;
};
OCELLI_INLINE Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
OCELLI_INLINE Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
OCELLI_INLINE Complex times_minus_i(Complex a) { return {a.im, -a.re}; }
// The turns are a table of (cosine, sine) pairs.
OCELLI_INLINE Complex turned(Complex a, const double* turn) {
  return {a.re * turn[0] - a.im * turn[1], a.re * turn[1] + a.im * turn[0]};
}

// What all frames share.
struct Plan {
  int64_t hop, length, fft, half, bands;
  double preemphasis;
  bool remove_offset;
  const double* window;  // [length]
  const double* turns;  // exp(-2 pi i t / fft), [fft, 2]
  const int64_t* first;  // of each band's bins that are not 0: [bands]
  const int64_t* end;
};

double window_at(int64_t kind, int64_t i, int64_t length) {
  const int64_t period = kind == 2 ? length : length > 1 ? length - 1 : 1;
  const double hann = 0.5 - 0.5 * __builtin_cos(2 * kPi * static_cast<double>(i) / static_cast<double>(period));
  return kind == 1 ? __builtin_pow(hann, 0.85) : hann;
}

// Samples of the frames that begin at `starts`, as fft_length registers: pairs of them are the complex numbers whose
// transform of half the length gives that of the real frame.
void cut_frames(const Plan& plan, const float* const* starts, Lanes* x) {
  Lanes sum = {};
  for (int64_t t = 0; t < plan.length; t++) {
    for (int lane = 0; lane < kLanes; lane++) x[t][lane] = starts[lane][t];
    sum += x[t];
  }
  const Lanes mean = plan.remove_offset ? sum / static_cast<double>(plan.length) : Lanes{};
  Lanes before = x[0] - mean;
  for (int64_t t = 0; t < plan.length; t++) {
    const Lanes now = x[t] - mean;
    x[t] = (now - plan.preemphasis * before) * plan.window[t];
    before = now;
  }
  for (int64_t t = plan.length; t < plan.fft; t++) x[t] = Lanes{};
}

// One pass of Stockham's algorithm: `run` transforms of length `rest` beside each other become Radix times as many of
// length rest / Radix. From x to y.
template <int Radix>
void pass(const Plan& plan, int64_t rest, int64_t run, const Complex* x, Complex* y) {
  const int64_t apart = rest / Radix, n = plan.half;
  const double* roots[Radix * Radix];  // exp(-2 pi i j k / Radix)
  for (int j = 0; j < Radix; j++)
    for (int k = 0; k < Radix; k++) roots[j * Radix + k] = plan.turns + 4 * (j * k % Radix * (n / Radix));
  for (int64_t p = 0; p < apart; p++) {
    for (int64_t q = 0; q < run; q++) {
      const Complex* from = x + q + run * p;
      Complex* to = y + q + run * Radix * p;
      Complex a[Radix], b[Radix];
      for (int k = 0; k < Radix; k++) a[k] = from[run * apart * k];
      if constexpr (Radix == 4) {
        const Complex s = a[0] + a[2], d = a[0] - a[2], t = a[1] + a[3], e = times_minus_i(a[1] - a[3]);
        b[0] = s + t, b[1] = d + e, b[2] = s - t, b[3] = d - e;
      } else {
        for (int j = 0; j < Radix; j++) {
          b[j] = a[0];
          for (int k = 1; k < Radix; k++) b[j] = b[j] + turned(a[k], roots[j * Radix + k]);
        }
      }
      to[0] = b[0];
      for (int j = 1; j < Radix; j++) to[run * j] = turned(b[j], plan.turns + 4 * p * j * run);
    }
  }
}

// The transform of length `half`, from x; returns where it stands, in x or in y.
Complex* transform(const Plan& plan, Complex* x, Complex* y) {
  for (int64_t rest = plan.half, run = 1; rest > 1;) {
    const int radix = rest % 4 == 0 ? 4 : rest % 2 == 0 ? 2 : rest % 3 == 0 ? 3 : 5;
    if (radix == 4) pass<4>(plan, rest, run, x, y);
    else if (radix == 2) pass<2>(plan, rest, run, x, y);
    else if (radix == 3) pass<3>(plan, rest, run, x, y);
    else pass<5>(plan, rest, run, x, y);
    rest /= radix;
    run *= radix;
    Complex* const swapped = x;
    x = y;
    y = swapped;
  }
  return x;
}

// |X[k]| ^ 2 for k in [0, half], of the real frame whose packed form has the transform z.
void power_of(const Plan& plan, const Complex* z, Lanes* power) {
  const int64_t n = plan.half;
  for (int64_t k = 0; k <= n; k++) {
    const Complex a = z[k % n], mirrored = z[(n - k) % n];
    const Complex b = {mirrored.re, -mirrored.im};
    const Complex x = (a + b) + turned(times_minus_i(a - b), plan.turns + 2 * k);
    power[k] = (x.re * x.re + x.im * x.im) * 0.25;
  }
}

}  // namespace

void fbank(const Call& call) {
  const float* waveform = call.tensor(0);
  const float* filters = call.tensor(1);
  float* y = call.tensor(2);
  const int64_t frames = call.size(0), length = call.size(2), fft = call.size(3), bands = call.size(4);
  const int64_t half = fft / 2, bins = half + 1;
  const float floor = call.real(8), log_scale = call.real(9);

  double* table = reinterpret_cast<double*>(thread_scratch(Scratch::row, 2 * (length + 2 * fft + 2 * bands)));
  double* window = table;
  double* turns = window + length;
  int64_t* first = reinterpret_cast<int64_t*>(turns + 2 * fft);
  int64_t* end = first + bands;
  for (int64_t t = 0; t < length; t++) window[t] = window_at(call.size(7), t, length);
  for (int64_t t = 0; t < fft; t++) {
    const double angle = -2 * kPi * static_cast<double>(t) / static_cast<double>(fft);
    turns[2 * t] = __builtin_cos(angle);
    turns[2 * t + 1] = __builtin_sin(angle);
  }
  for (int64_t band = 0; band < bands; band++) {
    const float* filter = filters + band * bins;
    int64_t from = 0, to = bins;
    while (from < bins && filter[from] == 0) from++;
    while (to > from && filter[to - 1] == 0) to--;
    first[band] = from;
    end[band] = to;
  }
  const Plan plan = {call.size(1), length, fft, half, bands, call.scalars[5], call.flag(6), window, turns, first, end};

  const int64_t groups = (frames + kLanes - 1) / kLanes;
  parallel_blocks(call.pool, groups, 4, [&](int64_t begin, int64_t last) {
    const int64_t space = 2 * (half + 1);  // one more complex number: the power has a bin more
    Lanes* work = reinterpret_cast<Lanes*>(thread_scratch(Scratch::tile, 2 * space * kWidth));
    float* energies = thread_scratch(Scratch::pack, kLanes * bands);
    for (int64_t group = begin; group < last; group++) {
      const int64_t frame = group * kLanes;
      const int64_t count = frame + kLanes <= frames ? kLanes : frames - frame;
      const float* starts[kLanes];
      for (int64_t lane = 0; lane < kLanes; lane++)
        starts[lane] = waveform + (frame + (lane < count ? lane : 0)) * plan.hop;
      cut_frames(plan, starts, work);
      Complex* x = reinterpret_cast<Complex*>(work);
      Complex* other = reinterpret_cast<Complex*>(work + space);
      const Complex* z = transform(plan, x, other);
      Lanes* power = reinterpret_cast<Lanes*>(z == x ? other : x);
      power_of(plan, z, power);
      for (int64_t band = 0; band < bands; band++) {
        Lanes sum = {};
        for (int64_t k = first[band]; k < end[band]; k++)
          sum += power[k] * static_cast<double>(filters[band * bins + k]);
        for (int lane = 0; lane < kLanes; lane++) energies[lane * bands + band] = static_cast<float>(sum[lane]);
      }
      for (int64_t lane = 0; lane < count; lane++) {
        float* row = y + (frame + lane) * bands;
        for_each_vector(bands, [&](int64_t i, int64_t n) {
          const Vector energy = maximum(splat(floor), load_part(energies + lane * bands + i, n));
          store_part(row + i, Log::forward(energy) * log_scale, n);
        });
      }
    }
  });
}

}  // namespace ocelli::OCELLI_ISA
