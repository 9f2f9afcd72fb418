// Small floats and random bits, a vector at a time; included once per instruction set.

#if defined(PARTWISE_SMALL_FLOAT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PARTWISE_SMALL_FLOAT_INL_H
#undef PARTWISE_SMALL_FLOAT_INL_H
#else
#define PARTWISE_SMALL_FLOAT_INL_H
#endif

#include <bit>

#include "models/precision/small_float.h"
#include "models/precision/sweep-inl.h"

HWY_BEFORE_NAMESPACE();
namespace models {
namespace HWY_NAMESPACE {

HWY_INLINE Words word(std::uint32_t value) {
  return hn::Set(WordTag(), value);
}

HWY_INLINE Words magnitude(Words x) {
  return hn::And(x, word(~float_sign));
}

/// Where binary32 is NaN, the format's.
template <SmallFloat format>
HWY_INLINE Words with_nan(Words code, Words magnitude) {
  const auto is_nan = hn::Gt(magnitude, word(float_infinity));
  if (!format.has_infinity) return hn::IfThenElse(is_nan, word(format.sign() - 1), code);
  const auto payload =
      hn::And(hn::ShiftRight<format.dropped()>(magnitude), word((1u << format.fraction_bits) - 1));
  const auto nan = hn::Or(payload, word(format.infinity() | 1u << (format.fraction_bits - 1)));
  return hn::IfThenElse(is_nan, nan, code);
}

template <SmallFloat format>
HWY_INLINE Words with_sign(Words code, Words x) {
  constexpr int places = 31 - format.exponent_bits - format.fraction_bits;
  return hn::OrAnd(code, hn::ShiftRight<places>(x), word(format.sign()));
}

/// Bits of binary32 that the largest code has, or the one beyond it.
template <SmallFloat format, Overflow overflow>
constexpr std::uint32_t bound() {
  constexpr std::uint32_t code =
      overflow == Overflow::saturate ? format.largest() : format.largest() + 1;
  return (code << format.dropped()) + ((format.least_exponent() - 1) << 23);
}

/// Nearest even by an addition: next to M = 2^(e + 23 - p), a binary32 has steps of 2^(e - p),
/// which are the format's where e is the exponent of x, or the least normal one. The sum's bits
/// less M's are the rounded significand. Not for formats with binary32's range of exponents.
template <SmallFloat format, Overflow overflow>
HWY_INLINE Words nearest_code(Words x) {
  const auto of_x = magnitude(x);
  // At most one step above the largest: also infinities.
  const auto bounded = hn::Min(of_x, word(bound<format, overflow>()));
  const auto exponent =
      hn::And(hn::Max(bounded, word(format.least_exponent() << 23)), word(float_infinity));
  const auto m = hn::Add(exponent, word(static_cast<std::uint32_t>(format.dropped()) << 23));
  const FloatTag real;
  const auto sum = hn::Add(hn::BitCast(real, bounded), hn::BitCast(real, m));
  const auto significand = hn::Sub(hn::BitCast(WordTag(), sum), m);
  const auto code =
      hn::Add(significand, hn::Sub(hn::ShiftRight<format.dropped()>(exponent),
                                   word(format.least_exponent() << format.fraction_bits)));
  return with_sign<format>(with_nan<format>(code, of_x), x);
}

/// The format to binary32 by arithmetic that no mode of the processor changes: subnormals by way of
/// integers.
template <SmallFloat format>
HWY_INLINE Floats value_of(Words code) {
  constexpr int p = format.fraction_bits;
  const FloatTag real;
  const auto of_code = hn::And(code, word(format.sign() - 1));
  const auto normal =
      hn::Add(hn::ShiftLeft<format.dropped()>(of_code), word((format.least_exponent() - 1) << 23));
  const auto least = hn::Set(
      real, std::bit_cast<float>((format.least_exponent() - static_cast<std::uint32_t>(p)) << 23));
  const auto subnormal = hn::Mul(hn::ConvertTo(real, hn::BitCast(IntTag(), of_code)), least);
  auto bits =
      hn::IfThenElse(hn::Lt(of_code, word(1u << p)), hn::BitCast(WordTag(), subnormal), normal);
  if (format.has_infinity) {
    bits = hn::Or(
        bits, hn::IfThenElseZero(hn::Gt(of_code, word(format.largest())), word(float_infinity)));
    bits = hn::Or(bits,
                  hn::IfThenElseZero(hn::Gt(of_code, word(format.infinity())), word(0x00400000)));
  } else {
    bits = hn::IfThenElse(hn::Gt(of_code, word(format.largest())), word(0x7ff00000), bits);
  }
  constexpr int places = 31 - format.exponent_bits - p;
  return hn::BitCast(real, hn::OrAnd(bits, hn::ShiftLeft<places>(code), word(float_sign)));
}

/// lowbias32 (C. Wellons, 2018): a bijection in which every bit depends on every other.
HWY_INLINE Words mixed_words(Words x) {
  x = hn::Mul(hn::Xor(x, hn::ShiftRight<16>(x)), word(0x7feb352d));
  x = hn::Mul(hn::Xor(x, hn::ShiftRight<15>(x)), word(0x846ca68b));
  return hn::Xor(x, hn::ShiftRight<16>(x));
}

/// Random bits of consecutive elements: their indices, mixed twice.
HWY_INLINE Words random_words(const StochasticRun& run, std::size_t index) {
  const auto i = hn::Iota(WordTag(), run.first + static_cast<std::uint32_t>(index));
  return mixed_words(hn::Add(mixed_words(hn::Xor(i, word(run.keys.first))), word(run.keys.second)));
}

/// Stochastic codes of any small float, by integer arithmetic: random bits are added to the part of
/// the significand that falls off, below the least exponent too.
struct ToStochastic {
  SmallFloat format;
  Overflow overflow;
  StochasticRun run;

  HWY_INLINE Words code_of(Words x, Words random) const {
    const auto of_x = magnitude(x);
    const auto exponent = hn::Max(hn::ShiftRight<23>(of_x), word(1));
    const auto kept = hn::Max(exponent, word(format.least_exponent()));
    const auto hidden = hn::IfThenElseZero(hn::Gt(of_x, word(0x007fffff)), word(0x00800000));
    const auto significand = hn::Or(hn::And(of_x, word(0x007fffff)), hidden);
    const auto shift =
        hn::Add(word(static_cast<std::uint32_t>(format.dropped())), hn::Sub(kept, exponent));
    const auto by = hn::Min(shift, word(31));
    const auto excess = hn::Min(hn::Sub(shift, by), word(31));
    const auto threshold = random >> hn::Sub(word(32), by);
    const auto rounded = hn::Add(significand >> excess, threshold) >> by;
    const auto base = hn::Sub(kept, word(format.least_exponent()))
                      << word(static_cast<std::uint32_t>(format.fraction_bits));
    const auto over = format.largest() + (overflow == Overflow::saturate ? 0 : 1);
    return hn::Min(hn::Add(base, rounded), word(over));
  }

  HWY_INLINE Words signed_code(Words x, std::size_t index) const {
    const auto dropped = word(static_cast<std::uint32_t>(format.dropped()));
    const auto of_x = magnitude(x);
    auto code = code_of(x, random_words(run, index));
    const auto quiet = 1u << (format.fraction_bits - 1);
    const auto nan = format.has_infinity ? hn::Or(hn::And(of_x >> dropped, word(quiet - 1)),
                                                  word(format.infinity() | quiet))
                                         : word(format.sign() - 1);
    code = hn::IfThenElse(hn::Gt(of_x, word(float_infinity)), nan, code);
    const auto negative = hn::Gt(x, word(~float_sign));
    return hn::Or(code, hn::IfThenElseZero(negative, word(format.sign())));
  }

  template <class Code>
  HWY_INLINE void operator()(const float* from, Code* to, std::size_t index) const {
    store_codes(signed_code(load_words(from), index), to);
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace models
HWY_AFTER_NAMESPACE();

#endif
