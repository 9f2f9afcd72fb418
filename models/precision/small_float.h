#pragma once

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

/// What random_words mixes into the indices of elements: made of the seed, so that the random bits
/// of an element depend on the seed and its index alone, and all vectors find the same ones.
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

}  // namespace models
