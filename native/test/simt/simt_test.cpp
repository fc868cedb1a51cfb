// Tests of the executor. `simt_test out-of-bounds` runs a kernel that AddressSanitizer must stop; `simt_test misuses` lists
// misuses of the runtime with their messages, and `simt_test wrong-free` and so on commits one.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "broken_kernels.h"
#include "device_test.h"
#include "record_test.h"
#include "runtime_test.h"
#include "sample_kernels.cuh"

namespace {

int failures = 0, checks = 0;

void check(bool right, const std::string& what) {
  checks++;
  if (right) return;
  failures++;
  fprintf(stderr, "FAILED: %s\n", what.c_str());
}

std::vector<float> draw(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

// The largest |c - a b|, and how far float32 sums of k products may be off.
double matmul_error(int m, int n, int k, const std::function<double(int)>& a, const std::function<double(int)>& b, const std::vector<float>& c) {
  double worst = 0;
  for (int row = 0; row < m; row++)
    for (int column = 0; column < n; column++) {
      double sum = 0;
      for (int i = 0; i < k; i++) sum += a(row * k + i) * b(i * n + column);
      const double error = std::fabs(sum - c[row * n + column]);
      if (!(error <= worst)) worst = error;  // NaN counts
    }
  return worst;
}

void test_numbers() {
  using namespace simt;
  const std::pair<Format, const char*> formats[] = {{kHalf, "half"}, {kBFloat16, "bfloat16"}, {kE4M3, "e4m3"}, {kE5M2, "e5m2"}};
  for (const auto& [format, name] : formats) {
    const int bits = 1 + format.exponent + format.mantissa;
    // Every value is itself again, and values rise with their bits.
    bool same = true, rising = true;
    float before = -1;
    for (uint32_t i = 0; i < 1u << bits; i++) {
      const float value = widen(i, format);
      same = same && (std::isnan(value) || narrow(value, format, false) == i);
      if (i < 1u << (bits - 1) && !std::isnan(value)) {
        rising = rising && value > before;
        before = value;
      }
    }
    check(same && rising, std::string(name) + ": widening and narrowing are inverse and keep the order");
    // Halfway between two neighbours the even one, beside it the nearer one.
    bool nearest = true;
    for (uint32_t i = 0; i + 1 < 1u << (bits - 1); i++) {
      const float low = widen(i, format), high = widen(i + 1, format);
      if (!std::isfinite(low) || !std::isfinite(high)) continue;
      const float middle = static_cast<float>((static_cast<double>(low) + high) / 2);
      nearest = nearest && narrow(middle, format, false) == (i % 2 == 0 ? i : i + 1);
      nearest = nearest && narrow(std::nextafter(middle, low), format, false) == i;
      nearest = nearest && narrow(std::nextafter(middle, high), format, false) == i + 1;
    }
    check(nearest, std::string(name) + ": rounds to nearest, ties to even");
  }
  check(widen(0x7e, kE4M3) == 448 && widen(1, kE4M3) == std::ldexp(1.f, -9), "e4m3 ends at 448 and begins at 2^-9");
  check(widen(0x7b, kE5M2) == 57344 && widen(1, kE5M2) == std::ldexp(1.f, -16), "e5m2 ends at 57344 and begins at 2^-16");
  check(narrow(1e9f, kE4M3, true) == 0x7e && narrow(1e9f, kE4M3, false) == 0x7f && narrow(-1e9f, kE5M2, true) == 0xfb,
        "fp8 saturates if asked to");
  check(narrow(70000, kHalf, false) == 0x7c00 && narrow(INFINITY, kBFloat16, false) == 0x7f80, "too large is infinite");
  check(widen(0x3c00, kHalf) == 1 && widen(0x3f80, kBFloat16) == 1 && widen(0xc000, kHalf) == -2, "known values");
#if defined(__FLT16_MAX__)
  bool compiler = true;
  for (uint32_t i = 0; i < 1u << 20; i++) {
    const float x = float_of(i * 4093u);
    const _Float16 half = static_cast<_Float16>(x);
    uint16_t bits;
    memcpy(&bits, &half, 2);
    compiler = compiler && (std::isnan(x) || narrow(x, kHalf, false) == bits);
  }
  check(compiler, "half: as the compiler rounds a million numbers");
#endif
  check(tf32_rounded(1 + std::ldexp(1.f, -11)) == 1 + std::ldexp(1.f, -10) && tf32_seen(1 + std::ldexp(1.f, -11)) == 1,
        "tf32 rounds ties away, and cuts what is not rounded");
}

void test_matmul() {
  const int m = 37, n = 45, k = 29;
  const auto a = draw(m * k, 1), b = draw(k * n, 2);
  std::vector<float> c(m * n, NAN);
  OCELLI_LAUNCH((sample::tiled_matmul<16, 2>), dim3((n + 15) / 16, (m + 15) / 16), dim3(16, 16), 0, 0, m, n, k, a.data(), b.data(), c.data());
  const double error = matmul_error(m, n, k, [&](int i) { return a[i]; }, [&](int i) { return b[i]; }, c);
  check(error < 1e-4, "tiled matmul, error " + std::to_string(error));
}

void test_softmax() {
  const int rows = 7, columns = 211;
  const auto x = draw(rows * columns, 3);
  std::vector<float> y(x.size());
  int counted = 0;
  OCELLI_LAUNCH(sample::softmax_rows, dim3(rows), dim3(96), 0, 0, columns, x.data(), y.data(), &counted);
  double worst = 0;
  for (int row = 0; row < rows; row++) {
    double sum = 0;
    for (int i = 0; i < columns; i++) sum += std::exp(static_cast<double>(x[row * columns + i]));
    for (int i = 0; i < columns; i++)
      worst = std::fmax(worst, std::fabs(std::exp(static_cast<double>(x[row * columns + i])) / sum - y[row * columns + i]));
  }
  check(worst < 1e-6 && counted == rows, "softmax, error " + std::to_string(worst));
}

template <bool kHalfOperands>
void test_tensor_cores(const char* name) {
  const int m = 71, n = 72, k = 96;
  const simt::Format format = kHalfOperands ? simt::kHalf : simt::kBFloat16;
  const auto random = draw(m * k + k * n, 4);
  std::vector<uint16_t> a(m * k), b(k * n);
  for (size_t i = 0; i < a.size(); i++) a[i] = static_cast<uint16_t>(simt::narrow(random[i], format, false));
  for (size_t i = 0; i < b.size(); i++) b[i] = static_cast<uint16_t>(simt::narrow(random[a.size() + i], format, false));
  const size_t bytes = 2 * (64 * 40 + 32 * 72) * 2;
  const auto run = [&](auto kernel) {
    std::vector<float> c(m * n, NAN);
    OCELLI_LAUNCH(kernel, dim3((n + 63) / 64, (m + 63) / 64), dim3(128), bytes, 0, m, n, k, a.data(), b.data(), c.data());
    return matmul_error(m, n, k, [&](int i) { return simt::widen(a[i], format); }, [&](int i) { return simt::widen(b[i], format); }, c);
  };
  const double error = run(sample::tensor_core_matmul<kHalfOperands, 1>);
  check(error < 1e-4, std::string("tensor cores, ") + name + ", error " + std::to_string(error));
  check(!(run(sample::tensor_core_matmul<kHalfOperands, 2>) < 1), std::string(name) + ": reading before the copy has come gives NaN");
}

void test_tf32() {
  const auto a = draw(16 * 8, 5), b = draw(8 * 8, 6);
  std::vector<float> c(16 * 8);
  OCELLI_LAUNCH(sample::tf32_tile, dim3(1), dim3(32), 0, 0, a.data(), b.data(), c.data());
  const auto rounded = [](const std::vector<float>& x) { return [&x](int i) { return static_cast<double>(simt::tf32_rounded(x[i])); }; };
  check(matmul_error(16, 8, 8, rounded(a), rounded(b), c) < 1e-5, "tf32");
  check(matmul_error(16, 8, 8, [&](int i) { return a[i]; }, [&](int i) { return b[i]; }, c) > 1e-5, "tf32 is no float32");
}

void test_words() {
  const auto x = draw(20, 7);
  std::vector<float> y(32, NAN);
  OCELLI_LAUNCH(sample::copy_words, dim3(1), dim3(32), 32 * 4, 0, 20, x.data(), y.data());
  bool right = true;
  for (int i = 0; i < 32; i++) right = right && y[31 - i] == (i < 20 ? x[i] : 0);
  check(right, "copies of four bytes, zeros beyond the end");
}

void test_votes() {
  std::vector<int> out(64 * 8);
  OCELLI_LAUNCH(sample::votes, dim3(1), dim3(64), 0, 0, out.data());
  bool right = true;
  for (int thread = 0; thread < 64; thread++) {
    const int lane = thread % 32;
    unsigned thirds = 0;
    for (int i = 0; i < 32; i += 3) thirds |= 1u << i;
    const int down = lane % 8 + 4 < 8 ? lane + 4 : lane, cross = lane ^ 9;
    const int expected[8] = {static_cast<int>(thirds), 1 + 2, 50, (lane >= 3 ? lane - 3 : lane) * 10, down * 10, cross * 10, 13, 1 + 2};
    for (int i = 0; i < 8; i++) right = right && out[thread * 8 + i] == expected[i];
  }
  check(right, "votes, shuffles and counting barriers");
}

// With too few barriers the answer must be wrong for some order of the lanes.
void test_missing_barriers() {
  const int size = 32;
  const auto a = draw(size * size, 8), b = draw(size * size, 9);
  const auto wrong = [&](auto kernel) {
    int count = 0;
    for (uint64_t seed = 1; seed <= 8; seed++) {
      simt::set_seed(seed);
      std::vector<float> c(size * size);
      OCELLI_LAUNCH(kernel, dim3(2, 2), dim3(16, 16), 0, 0, size, size, size, a.data(), b.data(), c.data());
      count += !(matmul_error(size, size, size, [&](int i) { return a[i]; }, [&](int i) { return b[i]; }, c) < 1e-4);
    }
    simt::set_seed(1);
    return count;
  };
  check(wrong(sample::tiled_matmul<16, 2>) == 0, "the right kernel is right in every order");
  check(wrong(sample::tiled_matmul<16, 1>) > 0, "a missing second barrier shows");
  check(wrong(sample::tiled_matmul<16, 0>) > 0, "two missing barriers show");
}

void test_broken() {
  for (const broken::Case& one : broken::cases) {
    std::vector<float> out(2048);
    std::string message = "no error";
    try {
      OCELLI_LAUNCH(one.kernel, dim3(2), dim3(one.threads), 8192, 0, out.data());
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
    check(message.find(one.message) != std::string::npos, std::string(one.name) + ": " + message);
  }
  // The executor still works after every one of them.
  test_softmax();
}

}  // namespace

int main(int count, char** arguments) {
  if (count > 1 && std::string(arguments[1]) == "out-of-bounds") {
    std::vector<float> out(4);
    OCELLI_LAUNCH(broken::beyond_shared_memory, dim3(1), dim3(128), 256, 0, out.data());
    return 0;
  }
  if (count > 1 && std::string(arguments[1]) == "misuses") {
    for (const runtime_test::Misuse& one : runtime_test::misuses) printf("%s\t%s\n", one.name, one.message);
    return 0;
  }
  if (count > 1) {
    runtime_test::misuse(arguments[1]);
    return 0;
  }
  test_numbers();
  runtime_test::run(check);
  device_test::run(check);
  for (uint64_t seed = 1; seed <= 5; seed++) {
    simt::set_seed(seed);
    test_matmul();
    test_softmax();
    test_tensor_cores<false>("bfloat16");
    test_tensor_cores<true>("float16");
    test_tf32();
    test_words();
    test_votes();
  }
  test_missing_barriers();
  test_broken();
  record_test::run(check);
  printf("simt: %d of %d checks failed\n", failures, checks);
  return failures > 0;
}
