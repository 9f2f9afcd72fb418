// fp8 from and to binary32, a group of vectors at a time; included once per instruction set.

#if defined(PARTWISE_FP8_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PARTWISE_FP8_INL_H
#undef PARTWISE_FP8_INL_H
#else
#define PARTWISE_FP8_INL_H
#endif

#include "models/precision/small_float-inl.h"

// F16C is part of the target AVX2; its rounding and its NaN are the standard's.
#undef PARTWISE_F16C
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
#define PARTWISE_F16C 1
#else
#define PARTWISE_F16C 0
#endif

HWY_BEFORE_NAMESPACE();
namespace models {
namespace HWY_NAMESPACE {

/// Any small float, a vector at a time.
template <SmallFloat format, Overflow overflow>
struct ToNearest {
  template <class Code>
  HWY_INLINE void operator()(const float* from, Code* to, std::size_t) const {
    store_codes(nearest_code<format, overflow>(load_words(from)), to);
  }
};

template <SmallFloat format>
struct ToValues {
  template <class Code>
  HWY_INLINE void operator()(const Code* from, float* to, std::size_t) const {
    hn::StoreU(value_of<format>(load_codes(from)), FloatTag(), to);
  }
};

#if PARTWISE_F16C
using F16Tag = hn::Rebind<hwy::float16_t, FloatTag>;

using FullHalfTag = hn::Repartition<std::uint16_t, FloatTag>;
using FullHalves = hn::Vec<FullHalfTag>;

/// fp8 by way of fp16, of which e5m2 is the upper half, and e4m3 is one 2^8 times smaller with
/// other bits for NaN.
template <SmallFloat format>
struct Fp8ToValues {
  static constexpr std::size_t group = 2 * lanes;

  HWY_INLINE static FullHalves halves(const std::uint8_t* from) {
    const FullHalfTag d;
    if constexpr (format.has_infinity) {
      const hn::Rebind<std::uint8_t, FullHalfTag> bytes;
      return hn::ShiftLeft<8>(hn::PromoteTo(d, hn::LoadU(bytes, from)));
    } else {
      const hn::RebindToSigned<FullHalfTag> di;
      const hn::Rebind<std::int8_t, FullHalfTag> bytes;
      const auto wide =
          hn::PromoteTo(di, hn::LoadU(bytes, reinterpret_cast<const std::int8_t*>(from)));
      const auto half = hn::And(hn::ShiftLeft<7>(hn::BitCast(d, wide)), hn::Set(d, 0xbf80));
      // One more than 0x3f80, which is NaN, has the highest bit of the exponent that NaN lacks.
      return hn::OrAnd(half, hn::Add(half, hn::Set(d, 0x80)), hn::Set(d, 0x4000));
    }
  }

  HWY_INLINE void operator()(const std::uint8_t* from, float* to, std::size_t) const {
    const FloatTag real;
    const HalfTag d;
    const auto all = halves(from);
    auto low = hn::PromoteTo(real, hn::BitCast(F16Tag(), hn::LowerHalf(d, all)));
    auto high = hn::PromoteTo(real, hn::BitCast(F16Tag(), hn::UpperHalf(d, all)));
    if constexpr (!format.has_infinity) {
      low = hn::Mul(low, hn::Set(real, 256));
      high = hn::Mul(high, hn::Set(real, 256));
    }
    hn::StoreU(low, real, to);
    hn::StoreU(high, real, to + lanes);
  }
};
#else
template <SmallFloat format>
struct Fp8ToValues : ToValues<format> {
  static constexpr std::size_t group = lanes;
};
#endif

#if HWY_TARGET == HWY_AVX3
/// As nearest_code, with M looked up by the exponent. Of M's lower bits, which the sum's rounding
/// leaves alone, some are set so that the sum's lowest byte is the code.
template <SmallFloat format, Overflow overflow>
struct ToFp8 {
  static constexpr std::size_t group = 4 * lanes;
  static constexpr std::uint32_t least = format.least_exponent();

  struct Table {
    alignas(64) std::uint32_t m[32];
    constexpr Table() : m() {
      for (std::uint32_t e = least; e < least + 32; ++e)
        m[e % 32] = ((e + static_cast<std::uint32_t>(format.dropped())) << 23) |
                    ((e - least) << format.fraction_bits & 0x7f);
    }
  };
  static constexpr Table table{};

  HWY_INLINE static Words sum(Words of_x) {
    const FloatTag real;
    const auto bounded =
        hn::Max(hn::BitCast(real, of_x), hn::Set(real, std::bit_cast<float>(least << 23)));
    const auto index = hn::ShiftRight<23>(hn::BitCast(WordTag(), bounded));
    const auto low = hn::Load(WordTag(), table.m), high = hn::Load(WordTag(), table.m + 16);
    const Words m{_mm512_permutex2var_epi32(low.raw, index.raw, high.raw)};
    return hn::BitCast(WordTag(), hn::Add(hn::BitCast(real, of_x), hn::BitCast(real, m)));
  }

  /// Of each 128 bits: four bytes of a, four of b, of c, of d, with the signs of the elements.
  HWY_INLINE static Words signs(Words a, Words b, Words c, Words d) {
    const auto low = _mm512_packs_epi32(a.raw, b.raw), high = _mm512_packs_epi32(c.raw, d.raw);
    return Words{_mm512_packs_epi16(low, high)};
  }

  HWY_INLINE void operator()(const float* from, std::uint8_t* to, std::size_t) const {
    const auto x0 = load_words(from), x1 = load_words(from + lanes);
    const auto x2 = load_words(from + 2 * lanes), x3 = load_words(from + 3 * lanes);
    const auto a0 = magnitude(x0), a1 = magnitude(x1), a2 = magnitude(x2), a3 = magnitude(x3);
    const auto largest = hn::Max(hn::Max(a0, a1), hn::Max(a2, a3));
    constexpr auto limit = bound<format, Overflow::saturate>();
    if (HWY_UNLIKELY(!hn::AllFalse(WordTag(), hn::Gt(largest, word(limit))))) {
      store_codes(nearest_code<format, overflow>(x0), to);
      store_codes(nearest_code<format, overflow>(x1), to + lanes);
      store_codes(nearest_code<format, overflow>(x2), to + 2 * lanes);
      store_codes(nearest_code<format, overflow>(x3), to + 3 * lanes);
      return;
    }
    const auto codes = bytes_by_vector(sum(a0), sum(a1), sum(a2), sum(a3));
    store_by_vector(either(0x80808080, signs(x0, x1, x2, x3), codes), to);
  }
};
#else
template <SmallFloat format, Overflow overflow>
struct ToFp8 : ToNearest<format, overflow> {
  static constexpr std::size_t group = lanes;
};
#endif

}  // namespace HWY_NAMESPACE
}  // namespace models
HWY_AFTER_NAMESPACE();

#endif
