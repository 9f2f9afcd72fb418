#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "models/precision/vectors.h"
#include "models/random.h"

namespace models {

/// Does the same with every instruction set, and lets the best be chosen again.
template <class Each>
void on_every_target(Each&& each) {
  struct Restored {
    ~Restored() { use_format_target(""); }
  } const restored;
  for (const auto target : format_targets()) {
    SCOPED_TRACE(target);
    use_format_target(target);
    each();
  }
}

/// binary32 of any bits: every class and exponent is as likely as its codes are many, small and
/// large exponents more so than in use.
inline std::vector<float> random_floats(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> values(count);
  for (auto& x : values) {
    auto bits = static_cast<std::uint32_t>(random.next());
    // Half of them where the narrow formats have their values.
    if (random.chance(0.5)) bits = (bits & 0x807fffff) | (0x60000000 + (bits & 0x0f800000)) >> 1;
    x = std::bit_cast<float>(bits);
  }
  return values;
}

}  // namespace models

/// Number formats as their standards' texts define them, by tables of values in double precision
/// and searching in them: slow, and sharing nothing with the code under test.
namespace models::reference {

/// IEEE 754-2019 3.4 (binary16), the same layout for bfloat16; OFP8 v1.0 for the 8-bit ones.
struct Format {
  int exponent_bits;
  int fraction_bits;
  bool has_infinity;

  int bits() const { return 1 + exponent_bits + fraction_bits; }
  std::uint32_t codes() const { return 1u << bits(); }
};
inline constexpr Format fp16{5, 10, true}, bf16{8, 7, true}, e4m3{4, 3, false}, e5m2{5, 2, true};

/// (-1)^S 2^(E - bias) (1 + 2^-p T), or without the one and with E = 1 where E is 0.
inline double value_of(std::uint32_t code, const Format& format) {
  const int p = format.fraction_bits, w = format.exponent_bits;
  const bool negative = (code >> (w + p)) & 1;
  const int exponent = static_cast<int>((code >> p) & ((1u << w) - 1));
  const int fraction = static_cast<int>(code & ((1u << p) - 1));
  const int bias = (1 << (w - 1)) - 1;
  const double sign = negative ? -1 : 1;
  if (exponent == (1 << w) - 1) {
    if (format.has_infinity)
      return fraction == 0 ? sign * std::numeric_limits<double>::infinity()
                           : std::numeric_limits<double>::quiet_NaN();
    if (fraction == (1 << p) - 1) return std::numeric_limits<double>::quiet_NaN();
  }
  if (exponent == 0) return sign * std::ldexp(fraction, 1 - bias - p);
  return sign * std::ldexp((1 << p) + fraction, exponent - bias - p);
}

/// All finite values of one sign, ascending, so that the index is the code. One more follows: the
/// neighbour that the largest would have if the exponent had no bound, which decides overflow (IEEE
/// 754-2019 4.3.1).
class Table {
 public:
  explicit Table(const Format& format) : format_(format) {
    for (std::uint32_t code = 0; code < format.codes() / 2; ++code) {
      const double value = value_of(code, format);
      if (!std::isfinite(value)) break;
      values_.push_back(value);
    }
    const double last = values_.back();
    values_.push_back(last + (last - values_[values_.size() - 2]));
  }

  const Format& format() const { return format_; }
  std::uint32_t largest() const { return static_cast<std::uint32_t>(values_.size()) - 2; }
  double value(std::uint32_t code) const { return values_[code]; }

  const std::vector<double>& values() const { return values_; }

  /// Nearest code to a number, ties to the even one. Saturating: the mode of OFP8 v1.0.
  std::uint32_t nearest(double x, bool saturating) const {
    const std::uint32_t sign = std::signbit(x) ? format_.codes() / 2 : 0;
    const std::uint32_t over = saturating ? largest() : largest() + 1;
    const double magnitude = std::abs(x);
    if (magnitude >= values_.back()) return sign | over;
    const auto above = std::upper_bound(values_.begin(), values_.end(), magnitude);
    auto code = static_cast<std::uint32_t>(above - values_.begin()) - 1;
    const double down = magnitude - values_[code], up = values_[code + 1] - magnitude;
    if (up < down || (up == down && code % 2 == 1)) ++code;
    return sign | (code > largest() ? over : code);
  }

 private:
  Format format_;
  std::vector<double> values_;
};

/// Nearest whole number, ties to even.
inline double nearest_whole(double x) {
  const double below = std::floor(x), part = x - below;
  const bool odd = std::fmod(below, 2) != 0;
  return below + (part > 0.5 || (part == 0.5 && odd) ? 1 : 0);
}

/// ONNX QuantizeLinear: saturate(round(x / scale) + zero), the quotient in binary32. (A quotient in
/// double precision, rounded to binary32, is rounded as if once.)
inline std::int64_t quantised(float x, float scale, std::int64_t zero, double low, double high) {
  if (std::isnan(x)) return zero;
  const auto quotient = static_cast<float>(static_cast<double>(x) / static_cast<double>(scale));
  if (std::isinf(quotient)) return static_cast<std::int64_t>(quotient > 0 ? high : low);
  const double code = nearest_whole(static_cast<double>(quotient)) + static_cast<double>(zero);
  return static_cast<std::int64_t>(std::clamp(code, low, high));
}

}  // namespace models::reference
