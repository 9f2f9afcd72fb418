// Rounding to whole numbers, a vector at a time; included once per instruction set.

#if defined(PARTWISE_INTEGER_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PARTWISE_INTEGER_INL_H
#undef PARTWISE_INTEGER_INL_H
#else
#define PARTWISE_INTEGER_INL_H
#endif

#include "models/precision/small_float-inl.h"

HWY_BEFORE_NAMESPACE();
namespace models {
namespace HWY_NAMESPACE {

HWY_INLINE Floats real(float value) {
  return hn::Set(FloatTag(), value);
}

/// Nearest even of what is not negative, by an addition; what has 24 bits or more is whole.
HWY_INLINE Floats whole_magnitude(Floats of_x) {
  const auto steps = real(0x1p23f);
  return hn::IfThenElse(hn::Lt(of_x, steps), hn::Sub(hn::Add(of_x, steps), steps), of_x);
}

HWY_INLINE Floats nearest_whole(Floats x) {
  return hn::CopySign(whole_magnitude(hn::Abs(x)), x);
}

/// One of the two whole neighbours; of infinity, itself.
HWY_INLINE Floats stochastic_whole(Floats x, Words random) {
  const auto of_x = hn::Abs(x);
  const auto near = whole_magnitude(of_x);
  const auto below = hn::Sub(near, hn::IfThenElseZero(hn::Gt(near, of_x), real(1)));
  const auto part = hn::Mul(hn::Sub(of_x, below), real(0x1p24f));
  const auto drawn = hn::ConvertTo(FloatTag(), hn::BitCast(IntTag(), hn::ShiftRight<8>(random)));
  const auto up = hn::IfThenElseZero(hn::Lt(drawn, part), real(1));
  return hn::CopySign(hn::Add(below, up), x);
}

/// A whole number as an integer of 32 bits, saturated; NaN is 0.
HWY_INLINE Ints saturated(Floats whole) {
  const auto number = hn::IfThenElseZero(hn::Eq(whole, whole), whole);
  const auto bounded = hn::Min(hn::Max(number, real(-0x1p31f)), real(0x1.fffffep30f));
  const IntTag d;
  const auto beyond = hn::RebindMask(d, hn::Gt(number, bounded));
  return hn::IfThenElse(beyond, hn::Set(d, 0x7fffffff), hn::ConvertTo(d, bounded));
}

}  // namespace HWY_NAMESPACE
}  // namespace models
HWY_AFTER_NAMESPACE();

#endif
