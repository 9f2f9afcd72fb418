#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

#include "models/precision/convert.h"
#include "models/precision/small_float.h"

namespace models {
namespace {

constexpr std::uint8_t nan_scale = 0xff;

void same_blocks(std::size_t from, std::size_t to, std::size_t scales) {
  if (from != to || scales != mx_scales(from))
    throw std::invalid_argument("MX needs as many elements, and one scale per started block of 32");
}

/// 2^exponent times x, in two steps so that neither factor leaves the range.
float scaled(float x, int exponent) {
  const int half = exponent / 2;
  const auto power = [](int e) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(127 + e) << 23);
  };
  return x * power(half) * power(exponent - half);
}

/// Exponent field of the largest finite magnitude.
int largest_exponent(std::span<const float> block) {
  std::uint32_t largest = 0;
  for (const float x : block) {
    const auto magnitude = std::bit_cast<std::uint32_t>(x) & ~float_sign;
    if (magnitude < float_infinity) largest = std::max(largest, magnitude);
  }
  return static_cast<int>(largest >> 23);
}

std::uint32_t random_of(const Rounding& rounding, std::size_t i) {
  return stochastic_bits(rounding.seed, rounding.first + i);
}

constexpr int e4m3_emax = 8;
constexpr int int8_places = 6;  ///< of the fraction that INT8 stands for

std::int8_t int8_element(float x, const Rounding& rounding, std::size_t i) {
  float q = 0;
  if (rounding.mode == Rounding::Mode::nearest_even) {
    q = std::nearbyint(x);
  } else {
    const float whole = std::floor(std::abs(x));
    const float random = static_cast<float>(random_of(rounding, i) >> 8);
    q = std::copysign(whole + (random < (std::abs(x) - whole) * 0x1p24f ? 1.0f : 0.0f), x);
  }
  return static_cast<std::int8_t>(std::clamp(q, -128.0f, 127.0f));
}

}  // namespace

void to_mxfp8(std::span<const float> from, std::span<std::uint8_t> to,
              std::span<std::uint8_t> scales, Rounding rounding) {
  same_blocks(from.size(), to.size(), scales.size());
  const bool stochastic = rounding.mode == Rounding::Mode::stochastic;
  for (std::size_t b = 0; b < scales.size(); ++b) {
    const auto begin = b * mx_block, end = std::min(begin + mx_block, from.size());
    const int scale = std::max(largest_exponent(from.subspan(begin, end - begin)) - e4m3_emax, 0);
    scales[b] = static_cast<std::uint8_t>(scale);
    for (auto i = begin; i < end; ++i)
      to[i] = static_cast<std::uint8_t>(
          encoded(std::bit_cast<std::uint32_t>(scaled(from[i], 127 - scale)), e4m3_format,
                  Overflow::saturate, stochastic, stochastic ? random_of(rounding, i) : 0));
  }
}

void from_mxfp8(std::span<const std::uint8_t> from, std::span<const std::uint8_t> scales,
                std::span<float> to) {
  same_blocks(from.size(), to.size(), scales.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto scale = scales[i / mx_block];
    const float element = std::bit_cast<float>(decoded(from[i], e4m3_format));
    to[i] = scale == nan_scale ? std::bit_cast<float>(0x7fc00000u) : scaled(element, scale - 127);
  }
}

void to_mxint8(std::span<const float> from, std::span<std::int8_t> to,
               std::span<std::uint8_t> scales, Rounding rounding) {
  same_blocks(from.size(), to.size(), scales.size());
  for (std::size_t b = 0; b < scales.size(); ++b) {
    const auto begin = b * mx_block, end = std::min(begin + mx_block, from.size());
    const auto block = from.subspan(begin, end - begin);
    const bool finite =
        std::all_of(block.begin(), block.end(), [](float x) { return std::isfinite(x); });
    const int scale = finite ? largest_exponent(block) : nan_scale;
    scales[b] = static_cast<std::uint8_t>(scale);
    for (auto i = begin; i < end; ++i)
      to[i] = finite ? int8_element(scaled(from[i], 127 + int8_places - scale), rounding, i)
                     : std::int8_t{0};
  }
}

void from_mxint8(std::span<const std::int8_t> from, std::span<const std::uint8_t> scales,
                 std::span<float> to) {
  same_blocks(from.size(), to.size(), scales.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto scale = scales[i / mx_block];
    to[i] = scale == nan_scale ? std::bit_cast<float>(0x7fc00000u)
                               : scaled(static_cast<float>(from[i]), scale - 127 - int8_places);
  }
}

}  // namespace models
