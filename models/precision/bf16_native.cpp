#include "models/precision/bf16_native.h"

#if defined(__x86_64__)
// GCC 12 takes the undefined vectors inside its own intrinsics for a mistake.
#if !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif

// Highway 1.0.3 has no target with these instructions, so they are compiled and chosen here.
#define PARTWISE_BF16 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))

namespace models {
namespace {

constexpr std::size_t lanes = 16;
constexpr int subnormal = 0x20;  ///< of VFPCLASSPS

PARTWISE_BF16 __m256i rounded(__m512 x) {
  const __m512i bits = _mm512_castps_si512(x);
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const __m512i up = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd);
  return _mm512_cvtepi32_epi16(_mm512_srli_epi32(up, 16));
}

/// The codes of a vector in which some are subnormal.
PARTWISE_BF16 __m256i mended(__m512 x) {
  const auto codes = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x));
  return _mm256_mask_blend_epi16(_mm512_fpclass_ps_mask(x, subnormal), codes, rounded(x));
}

PARTWISE_BF16 void convert_pair(__m512 low, __m512 high, std::uint16_t* to) {
  const auto codes = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low));
  const auto small = static_cast<__mmask16>(_mm512_fpclass_ps_mask(low, subnormal) |
                                            _mm512_fpclass_ps_mask(high, subnormal));
  if (__builtin_expect(small == 0, 1)) return _mm512_storeu_si512(to, codes);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), mended(low));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + lanes), mended(high));
}

PARTWISE_BF16 void convert(const float* from, std::uint16_t* to, std::size_t n) {
  std::size_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes)
    convert_pair(_mm512_loadu_ps(from + i), _mm512_loadu_ps(from + i + lanes), to + i);
  for (; i < n; i += lanes) {
    const auto rest = n - i < lanes ? n - i : lanes;
    const auto mask = static_cast<__mmask16>((1u << rest) - 1);
    _mm256_mask_storeu_epi16(to + i, mask, mended(_mm512_maskz_loadu_ps(mask, from + i)));
  }
}

}  // namespace

ToBf16Native to_bf16_native() {
  return __builtin_cpu_supports("avx512bf16") ? convert : nullptr;
}

}  // namespace models
#else
namespace models {

ToBf16Native to_bf16_native() {
  return nullptr;
}

}  // namespace models
#endif
