#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "models/precision/convert.h"

namespace models {

/// A floating-point format of at most 16 bits with a sign, subnormals, and binary32's way to order
/// codes: a larger code of the same sign is a larger number.
struct SmallFloat {
  int exponent_bits;
  int fraction_bits;
  bool has_infinity;  ///< e4m3 has none, and one NaN in its place: all ones

  constexpr int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  constexpr std::uint32_t sign() const { return 1u << (exponent_bits + fraction_bits); }
  constexpr std::uint32_t infinity() const { return ((1u << exponent_bits) - 1) << fraction_bits; }
  /// Code of the largest finite number.
  constexpr std::uint32_t largest() const { return has_infinity ? infinity() - 1 : sign() - 2; }
  /// What is left when binary32 loses its excess fraction bits.
  constexpr int dropped() const { return 23 - fraction_bits; }
  /// binary32's exponent field of the format's least normal number.
  constexpr std::uint32_t least_exponent() const {
    return static_cast<std::uint32_t>(127 - bias() + 1);
  }
};

inline constexpr SmallFloat fp16_format{5, 10, true};
inline constexpr SmallFloat bf16_format{8, 7, true};
inline constexpr SmallFloat e4m3_format{4, 3, false};
inline constexpr SmallFloat e5m2_format{5, 2, true};

inline constexpr std::uint32_t float_sign = 0x80000000, float_infinity = 0x7f800000;

/// Random bits of element number `index`, from its seed alone: a mixing of the index by keys made
/// of the seed (the mixer is Wellons' lowbias32, 2018), so that all vectors find the same bits.
struct StochasticKeys {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
};

/// For indices whose upper half is `high`.
constexpr StochasticKeys stochastic_keys(std::uint64_t seed, std::uint32_t high) {
  // SplitMix64's finaliser.
  std::uint64_t z = seed + 0x9e3779b97f4a7c15 * (std::uint64_t{high} + 1);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  z ^= z >> 31;
  return {static_cast<std::uint32_t>(z), static_cast<std::uint32_t>(z >> 32)};
}

/// Stochastic rounding of elements whose indices share their upper halves.
struct StochasticRun {
  StochasticKeys keys;
  std::uint32_t first = 0;  ///< lower half of the first element's index
};

constexpr std::uint32_t mixed(std::uint32_t x) {
  x = (x ^ (x >> 16)) * 0x7feb352d;
  x = (x ^ (x >> 15)) * 0x846ca68b;
  return x ^ (x >> 16);
}

constexpr std::uint32_t stochastic_bits(StochasticKeys keys, std::uint32_t index) {
  return mixed(mixed(index ^ keys.first) + keys.second);
}

constexpr std::uint32_t stochastic_bits(std::uint64_t seed, std::uint64_t index) {
  return stochastic_bits(stochastic_keys(seed, static_cast<std::uint32_t>(index >> 32)),
                         static_cast<std::uint32_t>(index));
}

/// significand / 2^shift, rounded; `random` decides where it is stochastic.
constexpr std::uint32_t shifted(std::uint32_t significand, std::uint32_t shift, bool stochastic,
                                std::uint32_t random) {
  const std::uint32_t excess = std::min(std::max(shift, 31u) - 31u, 31u);
  const std::uint32_t by = std::min(shift, 31u);
  const std::uint32_t s = significand >> excess;
  if (stochastic) return by == 0 ? s : (s + (random >> (32 - by))) >> by;
  // Shifts of more than 25 leave less than half of the least.
  return by == 0 ? s : (s + (1u << (by - 1)) - 1 + ((s >> by) & 1)) >> by;
}

/// Magnitude of the code before overflow is seen to; finite values only.
constexpr std::uint32_t unbounded_code(std::uint32_t magnitude, SmallFloat format, bool stochastic,
                                       std::uint32_t random) {
  const std::uint32_t exponent = std::max(magnitude >> 23, 1u);
  const std::uint32_t least = format.least_exponent();
  const std::uint32_t significand =
      (magnitude & 0x007fffff) | (magnitude >> 23 != 0 ? 0x00800000u : 0u);
  const std::uint32_t kept = std::max(exponent, least);
  const std::uint32_t shift = static_cast<std::uint32_t>(format.dropped()) + kept - exponent;
  return ((kept - least) << format.fraction_bits) + shifted(significand, shift, stochastic, random);
}

/// binary32 to the format.
constexpr std::uint32_t encoded(std::uint32_t bits, SmallFloat format, Overflow overflow,
                                bool stochastic, std::uint32_t random) {
  const std::uint32_t magnitude = bits & ~float_sign;
  const std::uint32_t sign = (bits >> 31) != 0 ? format.sign() : 0;
  const std::uint32_t quiet = 1u << (format.fraction_bits - 1);
  if (magnitude > float_infinity) {
    if (!format.has_infinity) return sign | (format.sign() - 1);
    return sign | format.infinity() | quiet | ((magnitude & 0x007fffff) >> format.dropped());
  }
  const std::uint32_t over =
      overflow == Overflow::saturate ? format.largest() : format.largest() + 1;
  if (magnitude == float_infinity) return sign | over;
  return sign | std::min(unbounded_code(magnitude, format, stochastic, random), over);
}

/// The format to binary32, exact.
constexpr std::uint32_t decoded(std::uint32_t code, SmallFloat format) {
  const std::uint32_t sign = (code & format.sign()) != 0 ? float_sign : 0;
  const std::uint32_t magnitude = code & (format.sign() - 1);
  if (magnitude > format.largest()) {
    if (!format.has_infinity) return sign | 0x7ff00000;
    const std::uint32_t fraction = (magnitude - format.infinity()) << format.dropped();
    return sign | float_infinity | fraction | (fraction != 0 ? 0x00400000u : 0u);
  }
  const std::uint32_t exponent = magnitude >> format.fraction_bits;
  if (exponent != 0)
    return sign | ((magnitude << format.dropped()) + ((format.least_exponent() - 1) << 23));
  if (magnitude == 0) return sign;
  const auto length = static_cast<std::uint32_t>(std::bit_width(magnitude));
  const auto places = static_cast<std::uint32_t>(format.fraction_bits) + 1 - length;
  // Subnormals of bf16 are subnormals of binary32.
  if (format.least_exponent() <= places) return sign | magnitude << format.dropped();
  return sign |
         (((format.least_exponent() - places) << 23) + ((magnitude << (24 - length)) & 0x007fffff));
}

}  // namespace models
