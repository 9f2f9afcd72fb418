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
#include <hwy/highway.h>

#include "models/precision/fp8-inl.h"
#include "models/precision/small_float-inl.h"

HWY_BEFORE_NAMESPACE();
namespace models {
namespace HWY_NAMESPACE {
namespace {

#if PARTWISE_F16C
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

#else
using ToFp16 = ToNearest<fp16_format, Overflow::special>;
using FromFp16 = ToValues<fp16_format>;

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

template <SmallFloat format, Overflow overflow>
HWY_ATTR void to_fp8(const float* from, std::uint8_t* to, std::size_t n) {
  using Step = ToFp8<format, overflow>;
  sweep<Step::group>(from, to, n, Step());
}
template <SmallFloat format>
HWY_ATTR void from_fp8(const std::uint8_t* from, float* to, std::size_t n) {
  using Step = Fp8ToValues<format>;
  sweep<Step::group>(from, to, n, Step());
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

FloatKernels kernels_with(ToBf16Native native) {
  constexpr auto special = Overflow::special, saturate = Overflow::saturate;
  using std::uint16_t, std::uint8_t;
  return {
      run<ToFp16, lanes, float, uint16_t>,
      run<FromFp16, lanes, uint16_t, float>,
      native ? native : run<ToBf16, ToBf16::group, float, uint16_t>,
      run<FromBf16, lanes, uint16_t, float>,
      run<ToTf32, lanes, float, float>,
      to_fp8<e4m3_format, saturate>,
      to_fp8<e4m3_format, special>,
      from_fp8<e4m3_format>,
      to_fp8<e5m2_format, saturate>,
      to_fp8<e5m2_format, special>,
      from_fp8<e5m2_format>,
      run_stochastic<uint16_t>,
      run_stochastic<uint8_t>,
      run_stochastic_tf32,
      stream,
  };
}

}  // namespace

const FloatKernels& float_table() {
  static const FloatKernels plain = kernels_with(nullptr);
#if HWY_TARGET == HWY_AVX3
  static const FloatKernels native = kernels_with(to_bf16_native());
  if (may_use_bf16_instructions()) return native;
#endif
  return plain;
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
