#include "models/precision/integer_kernels.h"

#include <cmath>
#include <limits>

#include "models/precision/targets.h"
#include "models/precision/vectors.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/precision/integer_kernels.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
//
#include <hwy/highway.h>

#include "models/precision/integer-inl.h"

HWY_BEFORE_NAMESPACE();
namespace models {
namespace HWY_NAMESPACE {
namespace {

HWY_INLINE void store_code(Ints codes, std::int8_t* to) {
  store_codes(hn::BitCast(WordTag(), codes), reinterpret_cast<std::uint8_t*>(to));
}
HWY_INLINE void store_code(Ints codes, std::uint8_t* to) {
  store_codes(hn::BitCast(WordTag(), codes), to);
}
HWY_INLINE void store_code(Ints codes, std::int16_t* to) {
  store_codes(hn::BitCast(WordTag(), codes), reinterpret_cast<std::uint16_t*>(to));
}
HWY_INLINE void store_code(Ints codes, std::uint16_t* to) {
  store_codes(hn::BitCast(WordTag(), codes), to);
}
HWY_INLINE void store_code(Ints codes, std::int32_t* to) {
  hn::StoreU(codes, IntTag(), to);
}

HWY_INLINE Ints load_code(const std::int8_t* from) {
  return hn::PromoteTo(IntTag(), hn::LoadU(hn::Rebind<std::int8_t, FloatTag>(), from));
}
HWY_INLINE Ints load_code(const std::int16_t* from) {
  return hn::PromoteTo(IntTag(), hn::LoadU(hn::Rebind<std::int16_t, FloatTag>(), from));
}
HWY_INLINE Ints load_code(const std::uint8_t* from) {
  return hn::BitCast(IntTag(), load_codes(from));
}
HWY_INLINE Ints load_code(const std::uint16_t* from) {
  return hn::BitCast(IntTag(), load_codes(from));
}
HWY_INLINE Ints load_code(const std::int32_t* from) {
  return hn::LoadU(IntTag(), from);
}

/// Codes by division, exactly as told.
struct Exact {
  Linear how;

  HWY_INLINE Floats quotient(const float* from) const {
    return hn::Div(hn::LoadU(FloatTag(), from), real(how.scale));
  }
  HWY_INLINE Ints code(Floats whole) const {
    const IntTag d;
    const auto least = hn::Set(d, how.low - how.zero), most = hn::Set(d, how.high - how.zero);
    const auto bounded = hn::Min(hn::Max(saturated(whole), least), most);
    return hn::Add(bounded, hn::Set(d, how.zero));
  }
  template <class Code>
  HWY_INLINE void operator()(const float* from, Code* to, std::size_t) const {
    store_code(code(nearest_whole(quotient(from))), to);
  }
};

struct Stochastic {
  Exact exact;
  StochasticRun run;

  template <class Code>
  HWY_INLINE void operator()(const float* from, Code* to, std::size_t index) const {
    store_code(exact.code(stochastic_whole(exact.quotient(from), random_words(run, index))), to);
  }
};

// Elsewhere Min and Max do not let NaN through from the second operand.
#undef PARTWISE_FAST_CODES
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_SSE4
#define PARTWISE_FAST_CODES 1

/// Codes of at most 16 bits by two multiplications in the place of a division: with factors 2^-21
/// above and below the scale's inverse. Where both products round to the same number, so does the
/// quotient, which lies between them; the few others are divided.
template <bool affine>
struct Fast {
  static constexpr std::size_t group = 4 * lanes;
  Exact exact;
  float below, above;
  float least, most;

  explicit Fast(const Linear& how) : exact{how} {
    const float inverse = 1 / how.scale;
    int exponent = 0;
    const bool power_of_two = std::frexp(how.scale, &exponent) == 0.5f;
    below = power_of_two ? inverse : inverse * (1 - 0x1p-21f);
    above = power_of_two ? inverse : inverse * (1 + 0x1p-21f);
    // A quarter beyond the last code still rounds to it.
    least = (static_cast<float>(how.low - how.zero) - 0.25f) * how.scale;
    most = (static_cast<float>(how.high - how.zero) + 0.25f) * how.scale;
  }

  /// The sum's lower bits are the product, rounded, in two's complement.
  HWY_INLINE static Ints rounded(Floats x, Floats factor) {
    return hn::BitCast(IntTag(), hn::MulAdd(x, factor, real(0x1.8p23f)));
  }

  HWY_INLINE Floats bounded(const float* from) const {
    return hn::Max(real(least), hn::Min(real(most), hn::LoadU(FloatTag(), from)));
  }

  template <class Code>
  HWY_INLINE void operator()(const float* from, Code* to, std::size_t index) const {
    const auto x0 = bounded(from), x1 = bounded(from + lanes);
    const auto x2 = bounded(from + 2 * lanes), x3 = bounded(from + 3 * lanes);
    const auto low = real(below), high = real(above);
    const auto c0 = rounded(x0, low), c1 = rounded(x1, low);
    const auto c2 = rounded(x2, low), c3 = rounded(x3, low);
    // As numbers, so that NaN differs from itself.
    const auto same = [&](Ints code, Floats x) HWY_ATTR {
      const FloatTag tag;
      return hn::Eq(hn::BitCast(tag, code), hn::BitCast(tag, rounded(x, high)));
    };
    const auto clear =
        hn::And(hn::And(same(c0, x0), same(c1, x1)), hn::And(same(c2, x2), same(c3, x3)));
    if (HWY_UNLIKELY(!hn::AllTrue(FloatTag(), clear))) {
      for (std::size_t k = 0; k < 4; ++k) exact(from + k * lanes, to + k * lanes, index);
      return;
    }
    if constexpr (!affine) return store_low(c0, c1, c2, c3, to);
    const IntTag d;
    const auto zero = hn::Set(d, exact.how.zero);
    store_low(hn::Add(c0, zero), hn::Add(c1, zero), hn::Add(c2, zero), hn::Add(c3, zero), to);
  }

  template <class Code>
  HWY_INLINE static void store_low(Ints a, Ints b, Ints c, Ints d, Code* to) {
    const WordTag w;
    using Unsigned = std::make_unsigned_t<Code>;
    store_four(hn::BitCast(w, a), hn::BitCast(w, b), hn::BitCast(w, c), hn::BitCast(w, d),
               reinterpret_cast<Unsigned*>(to));
  }
};
#endif

template <class Code>
HWY_ATTR void nearest(const float* from, Code* to, std::size_t n, const Linear& how) {
#ifdef PARTWISE_FAST_CODES
  if constexpr (sizeof(Code) < 4) {
    // Nothing leaves the range of normal numbers on the way.
    if (how.scale > 0x1p-100f && how.scale < 0x1p100f) {
      constexpr auto group = Fast<true>::group;
      return how.zero == 0 ? sweep<group>(from, to, n, Fast<false>(how))
                           : sweep<group>(from, to, n, Fast<true>(how));
    }
  }
#endif
  sweep<lanes>(from, to, n, Exact{how});
}

template <class Code>
HWY_ATTR void stochastic(const float* from, Code* to, std::size_t n, const Linear& how,
                         StochasticRun run) {
  sweep<lanes>(from, to, n, Stochastic{{how}, run});
}

struct Values {
  float scale;
  std::int32_t zero;
  template <class Code>
  HWY_INLINE void operator()(const Code* from, float* to, std::size_t) const {
    const auto codes = hn::Sub(load_code(from), hn::Set(IntTag(), zero));
    hn::StoreU(hn::Mul(hn::ConvertTo(FloatTag(), codes), real(scale)), FloatTag(), to);
  }
};

template <class Code>
HWY_ATTR void values(const Code* from, float* to, std::size_t n, float scale, std::int32_t zero) {
  sweep<lanes>(from, to, n, Values{scale, zero});
}

HWY_ATTR void range(const float* from, std::size_t n, float& low, float& high) {
  const FloatTag d;
  const auto infinity = std::numeric_limits<float>::infinity();
  auto least = real(infinity), most = real(-infinity);
  const auto take = [&](const float* at) HWY_ATTR {
    const auto x = hn::LoadU(d, at);
    const auto finite = hn::Lt(hn::Abs(x), real(infinity));
    least = hn::Min(least, hn::IfThenElse(finite, x, least));
    most = hn::Max(most, hn::IfThenElse(finite, x, most));
  };
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) take(from + i);
  alignas(64) float rest[lanes];
  for (std::size_t k = 0; k < lanes; ++k) rest[k] = i + k < n ? from[i + k] : infinity;
  take(rest);
  low = std::min(low, hn::GetLane(hn::MinOfLanes(d, least)));
  high = std::max(high, hn::GetLane(hn::MaxOfLanes(d, most)));
}

template <class Code>
constexpr CodeKernels<Code> code_kernels = {nearest<Code>, stochastic<Code>, values<Code>};

}  // namespace

const IntegerKernels& integer_table() {
  static constexpr IntegerKernels all = {code_kernels<std::int8_t>,  code_kernels<std::uint8_t>,
                                         code_kernels<std::int16_t>, code_kernels<std::uint16_t>,
                                         code_kernels<std::int32_t>, range};
  return all;
}

}  // namespace HWY_NAMESPACE
}  // namespace models
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace models {

HWY_EXPORT(integer_table);

const IntegerKernels& integer_kernels() {
  return HWY_DISPATCH_TABLE(integer_table)[format_target_index()]();
}

}  // namespace models
#endif
