#include "models/precision/float_kernels.h"

#include <algorithm>
#include <cstring>

#include "models/precision/bf16_native.h"
#include "models/precision/targets.h"
#include "models/precision/vectors.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/precision/float_kernels.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
//
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "models/precision/small_float-inl.h"
#include "models/precision/sweep-inl.h"

HWY_BEFORE_NAMESPACE();
namespace models {
namespace HWY_NAMESPACE {
namespace {

// F16C is part of the target AVX2; its rounding and its NaN are the standard's.
#undef PARTWISE_F16C
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
#define PARTWISE_F16C 1
#else
#define PARTWISE_F16C 0
#endif

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

struct ToFp16 {
  HWY_INLINE void operator()(const float* from, std::uint16_t* to, std::size_t) const {
    const auto codes = hn::DemoteTo(F16Tag(), hn::LoadU(FloatTag(), from));
    hn::StoreU(hn::BitCast(HalfTag(), codes), HalfTag(), to);
  }
};
struct FromFp16 {
  HWY_INLINE void operator()(const std::uint16_t* from, float* to, std::size_t) const {
    const auto codes = hn::BitCast(F16Tag(), hn::LoadU(HalfTag(), from));
    hn::StoreU(hn::PromoteTo(FloatTag(), codes), FloatTag(), to);
  }
};

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
using ToFp16 = ToNearest<fp16_format, Overflow::special>;
using FromFp16 = ToValues<fp16_format>;

template <SmallFloat format>
struct Fp8ToValues : ToValues<format> {
  static constexpr std::size_t group = lanes;
};
#endif

#if HWY_TARGET == HWY_AVX3
/// e4m3 as nearest_code does it, with M looked up by the exponent. Of M's lower bits that the sum
/// leaves alone, some are set so that the sum's lowest byte is the code.
template <Overflow overflow>
struct ToE4m3 {
  static constexpr std::size_t group = 4 * lanes;

  struct Table {
    alignas(64) std::uint32_t m[16];
    constexpr Table() : m() {
      for (std::uint32_t e = 121; e < 137; ++e)
        m[e % 16] = ((e + 20) << 23) | ((e - 121) * 8 & 0xff);
    }
  };
  static constexpr Table table{};

  HWY_INLINE static Words sum(Words of_x) {
    const FloatTag real;
    const auto bounded = hn::Max(hn::BitCast(real, of_x), hn::Set(real, 0x1p-6f));
    const hn::Indices512<float> index{hn::ShiftRight<23>(hn::BitCast(WordTag(), bounded)).raw};
    const auto m = hn::TableLookupLanes(hn::BitCast(real, hn::Load(WordTag(), table.m)), index);
    return hn::BitCast(WordTag(), hn::Add(hn::BitCast(real, of_x), m));
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
    constexpr auto limit = bound<e4m3_format, Overflow::saturate>();
    if (HWY_UNLIKELY(!hn::AllFalse(WordTag(), hn::Gt(largest, word(limit))))) {
      store_codes(nearest_code<e4m3_format, overflow>(x0), to);
      store_codes(nearest_code<e4m3_format, overflow>(x1), to + lanes);
      store_codes(nearest_code<e4m3_format, overflow>(x2), to + 2 * lanes);
      store_codes(nearest_code<e4m3_format, overflow>(x3), to + 3 * lanes);
      return;
    }
    const auto codes = bytes_by_vector(sum(a0), sum(a1), sum(a2), sum(a3));
    store_by_vector(either(0x80808080, signs(x0, x1, x2, x3), codes), to);
  }
};
#else
template <Overflow overflow>
struct ToE4m3 : ToNearest<e4m3_format, overflow> {
  static constexpr std::size_t group = lanes;
};
#endif

/// The upper half of binary32, rounded; NaN keeps its upper half, made quiet.
HWY_INLINE Words rounded_bf16(Words x) {
  const auto odd = hn::And(hn::ShiftRight<16>(x), word(1));
  const auto rounded = hn::Add(hn::Add(x, word(0x7fff)), odd);
  return hn::IfThenElse(hn::Gt(magnitude(x), word(float_infinity)), hn::Or(x, word(0x00400000)),
                        rounded);
}

struct ToBf16 {
#if HWY_TARGET == HWY_SCALAR
  static constexpr std::size_t group = 1;
  HWY_INLINE void operator()(const float* from, std::uint16_t* to, std::size_t) const {
    store_halves(hn::ShiftRight<16>(rounded_bf16(load_words(from))), to);
  }
#else
  static constexpr std::size_t group = 4 * lanes;
  HWY_INLINE static auto packed(Words a, Words b) {
    const hn::Repartition<std::uint16_t, WordTag> d;
    return hn::ConcatOdd(d, hn::BitCast(d, b), hn::BitCast(d, a));
  }
  // Named one by one: GCC 12 keeps arrays of vectors in memory.
  HWY_INLINE void operator()(const float* from, std::uint16_t* to, std::size_t) const {
    const hn::Repartition<std::uint16_t, WordTag> d;
    const FloatTag real;
    const auto half = word(0x8000);
    const auto f0 = hn::LoadU(real, from), f1 = hn::LoadU(real, from + lanes);
    const auto f2 = hn::LoadU(real, from + 2 * lanes), f3 = hn::LoadU(real, from + 3 * lanes);
    const WordTag w;
    const auto x0 = hn::BitCast(w, f0), x1 = hn::BitCast(w, f1);
    const auto x2 = hn::BitCast(w, f2), x3 = hn::BitCast(w, f3);
    auto up0 = hn::Add(x0, half), up1 = hn::Add(x1, half);
    auto up2 = hn::Add(x2, half), up3 = hn::Add(x3, half);
    const auto least = hn::Min(hn::Min(hn::BitCast(d, up0), hn::BitCast(d, up1)),
                               hn::Min(hn::BitCast(d, up2), hn::BitCast(d, up3)));
    const auto ties = hn::Eq(hn::And(hn::BitCast(w, least), word(0xffff)), hn::Zero(w));
    // NaN where one of them is.
    const auto sum = hn::Add(hn::Add(f0, f1), hn::Add(f2, f3));
    const auto nans = hn::RebindMask(w, hn::IsNaN(sum));
    if (HWY_UNLIKELY(!hn::AllFalse(w, hn::Or(ties, nans)))) {
      up0 = rounded_bf16(x0), up1 = rounded_bf16(x1);
      up2 = rounded_bf16(x2), up3 = rounded_bf16(x3);
    }
    hn::StoreU(packed(up0, up1), d, to);
    hn::StoreU(packed(up2, up3), d, to + 2 * lanes);
  }
#endif
};

struct FromBf16 {
  HWY_INLINE void operator()(const std::uint16_t* from, float* to, std::size_t) const {
    const auto bits = hn::ShiftLeft<16>(load_codes(from));
    hn::StoreU(hn::BitCast(FloatTag(), bits), FloatTag(), to);
  }
};

constexpr int tf32_dropped = 13;

struct ToTf32 {
  HWY_INLINE void operator()(const float* from, float* to, std::size_t) const {
    const auto x = load_words(from);
    const auto odd = hn::And(hn::ShiftRight<tf32_dropped>(x), word(1));
    const auto rounded = hn::Add(hn::Add(x, word((1u << (tf32_dropped - 1)) - 1)), odd);
    const auto is_nan = hn::Gt(magnitude(x), word(float_infinity));
    const auto all = hn::IfThenElse(is_nan, hn::Or(x, word(0x00400000)), rounded);
    const auto kept = hn::And(all, word(~((1u << tf32_dropped) - 1)));
    hn::StoreU(hn::BitCast(FloatTag(), kept), FloatTag(), to);
  }
};

struct ToStochasticTf32 {
  StochasticRun run;
  HWY_INLINE void operator()(const float* from, float* to, std::size_t index) const {
    const auto x = load_words(from);
    const auto random = hn::ShiftRight<32 - tf32_dropped>(random_words(run, index));
    const auto is_nan = hn::Gt(magnitude(x), word(float_infinity));
    const auto all = hn::IfThenElse(is_nan, hn::Or(x, word(0x00400000)), hn::Add(x, random));
    const auto kept = hn::And(all, word(~((1u << tf32_dropped) - 1)));
    hn::StoreU(hn::BitCast(FloatTag(), kept), FloatTag(), to);
  }
};

template <class Step, std::size_t group, class From, class To>
HWY_ATTR void run(const From* from, To* to, std::size_t n) {
  sweep<group>(from, to, n, Step());
}

template <class Code>
HWY_ATTR void run_stochastic(const float* from, Code* to, std::size_t n, SmallFloat format,
                             Overflow overflow, StochasticRun run) {
  sweep<lanes>(from, to, n, ToStochastic{format, overflow, run});
}

HWY_ATTR void run_stochastic_tf32(const float* from, float* to, std::size_t n, StochasticRun run) {
  sweep<lanes>(from, to, n, ToStochasticTf32{run});
}

HWY_ATTR void stream(const std::byte* from, std::byte* to, std::size_t n) {
  const hn::ScalableTag<std::uint8_t> d;
  constexpr std::size_t line = 64;
  const auto head = std::min(n, (line - reinterpret_cast<std::uintptr_t>(to) % line) % line);
  std::memcpy(to, from, head);
  std::size_t i = head;
  for (; i + line <= n; i += line) {
    for (std::size_t j = 0; j < line; j += hn::Lanes(d))
      hn::Stream(hn::LoadU(d, reinterpret_cast<const std::uint8_t*>(from + i + j)), d,
                 reinterpret_cast<std::uint8_t*>(to + i + j));
  }
  std::memcpy(to + i, from + i, n - i);
}

}  // namespace

const FloatKernels& float_table() {
  constexpr auto special = Overflow::special, saturate = Overflow::saturate;
  using std::uint16_t, std::uint8_t;
#if HWY_TARGET == HWY_AVX3
  const auto native = to_bf16_native();
#else
  const ToBf16Native native = nullptr;
#endif
  static const FloatKernels all = {
      run<ToFp16, lanes, float, uint16_t>,
      run<FromFp16, lanes, uint16_t, float>,
      native ? native : run<ToBf16, ToBf16::group, float, uint16_t>,
      run<FromBf16, lanes, uint16_t, float>,
      run<ToTf32, lanes, float, float>,
      run<ToE4m3<saturate>, ToE4m3<saturate>::group, float, uint8_t>,
      run<ToE4m3<special>, ToE4m3<special>::group, float, uint8_t>,
      run<Fp8ToValues<e4m3_format>, Fp8ToValues<e4m3_format>::group, uint8_t, float>,
      run<ToNearest<e5m2_format, saturate>, lanes, float, uint8_t>,
      run<ToNearest<e5m2_format, special>, lanes, float, uint8_t>,
      run<Fp8ToValues<e5m2_format>, Fp8ToValues<e5m2_format>::group, uint8_t, float>,
      run_stochastic<uint16_t>,
      run_stochastic<uint8_t>,
      run_stochastic_tf32,
      stream,
  };
  return all;
}

}  // namespace HWY_NAMESPACE
}  // namespace models
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace models {

HWY_EXPORT(float_table);

const FloatKernels& float_kernels() {
  return HWY_DISPATCH_TABLE(float_table)[format_target_index()]();
}

}  // namespace models
#endif
