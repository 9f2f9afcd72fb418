#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "models/precision/convert.h"
#include "tests/models/precision_reference.h"

#if defined(__x86_64__)
// GCC 12 takes the undefined vectors inside its own intrinsics for a mistake.
#if !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <cpuid.h>
#include <immintrin.h>
#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif

namespace models {
namespace {

/// Numbers of a multiple of 16, with the boundaries of fp16 and bf16 among them.
std::vector<float> values() {
  auto found = random_floats(100'000, 9);
  for (const auto& format : {reference::fp16, reference::bf16}) {
    const reference::Table table(format);
    for (std::uint32_t code = 0; code < table.largest(); code += 3) {
      const auto middle = static_cast<float>((table.value(code) + table.value(code + 1)) / 2);
      for (const float x : {middle, std::nextafter(middle, 0.0f), std::nextafter(middle, 1e38f)})
        found.insert(found.end(), {x, -x});
    }
  }
  found.resize(found.size() / 16 * 16);
  return found;
}

__attribute__((target("f16c,avx"))) std::vector<std::uint16_t> by_f16c(
    const std::vector<float>& x) {
  std::vector<std::uint16_t> codes(x.size());
  for (std::size_t i = 0; i < x.size(); i += 8)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(&codes[i]),
                     _mm256_cvtps_ph(_mm256_loadu_ps(&x[i]), _MM_FROUND_TO_NEAREST_INT));
  return codes;
}

__attribute__((target("f16c,avx"))) std::vector<float> by_f16c(
    const std::vector<std::uint16_t>& codes) {
  std::vector<float> x(codes.size());
  for (std::size_t i = 0; i < x.size(); i += 8)
    _mm256_storeu_ps(&x[i],
                     _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(&codes[i]))));
  return x;
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16"))) std::vector<std::uint16_t>
by_avx512_bf16(const std::vector<float>& x) {
  std::vector<std::uint16_t> codes(x.size());
  for (std::size_t i = 0; i < x.size(); i += 16)
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(&codes[i]),
                        reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(_mm512_loadu_ps(&x[i]))));
  return codes;
}

/// Clang 14 has no word for it in __builtin_cpu_supports.
bool has_f16c() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_F16C) != 0;
}

TEST(PrecisionNative, Fp16IsWhatF16cMakes) {
  if (!has_f16c()) GTEST_SKIP() << "this processor has no F16C";
  const auto x = values();
  const auto expected = by_f16c(x);
  std::vector<std::uint16_t> all(1 << 16);
  std::iota(all.begin(), all.end(), std::uint16_t{0});
  const auto expected_values = by_f16c(all);
  on_every_target([&] {
    std::vector<std::uint16_t> codes(x.size());
    to_fp16(x, codes);
    EXPECT_EQ(codes, expected);
    std::vector<float> values_of(all.size());
    from_fp16(all, values_of);
    for (std::size_t i = 0; i < all.size(); ++i)
      ASSERT_EQ(std::bit_cast<std::uint32_t>(values_of[i]),
                std::bit_cast<std::uint32_t>(expected_values[i]))
          << std::hex << i;
  });
}

TEST(PrecisionNative, Bf16IsWhatAvx512Bf16MakesOfAllButSubnormals) {
  if (!__builtin_cpu_supports("avx512bf16")) GTEST_SKIP() << "this processor has no AVX512-BF16";
  const auto x = values();
  const auto native = by_avx512_bf16(x);
  on_every_target([&] {
    std::vector<std::uint16_t> codes(x.size());
    to_bf16(x, codes);
    for (std::size_t i = 0; i < x.size(); ++i) {
      // Those the instruction takes for zero.
      const bool subnormal = std::fpclassify(x[i]) == FP_SUBNORMAL;
      ASSERT_EQ(subnormal ? codes[i] & 0x8000 : codes[i], native[i]) << std::hexfloat << x[i];
    }
  });
}

}  // namespace
}  // namespace models
#endif
