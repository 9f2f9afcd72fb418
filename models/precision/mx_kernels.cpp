#include "models/precision/mx_kernels.h"

#include <algorithm>
#include <bit>

#include "models/precision/targets.h"
#include "models/precision/vectors.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/precision/mx_kernels.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
//
#include <hwy/highway.h>

#include "models/precision/integer-inl.h"

HWY_BEFORE_NAMESPACE();
namespace models {
namespace HWY_NAMESPACE {
namespace {

constexpr std::uint8_t nan_scale = 0xff;
constexpr int e4m3_emax = 8;
constexpr int int8_places = 6;  ///< of the fraction that INT8 stands for

/// 2^exponent, in two factors of which neither leaves the range of normal numbers.
struct Power {
  Floats first, second;

  HWY_INLINE static Floats power(int exponent) {
    return real(std::bit_cast<float>(static_cast<std::uint32_t>(127 + exponent) << 23));
  }
  HWY_INLINE explicit Power(int exponent)
      : first(power(exponent / 2)), second(power(exponent - exponent / 2)) {}
  HWY_INLINE Floats times(Floats x) const { return hn::Mul(hn::Mul(x, first), second); }
};

/// Of a block: the exponent field of the largest finite magnitude, and whether all are finite.
struct Extent {
  int exponent;
  bool finite;

  HWY_INLINE explicit Extent(const float* from) {
    auto largest = word(0), largest_finite = word(0);
    for (std::size_t i = 0; i < mx_block; i += lanes) {
      const auto of_x = magnitude(load_words(from + i));
      largest = hn::Max(largest, of_x);
      const auto is_finite = hn::Lt(of_x, word(float_infinity));
      largest_finite = hn::Max(largest_finite, hn::IfThenElseZero(is_finite, of_x));
    }
    const WordTag d;
    exponent = static_cast<int>(hn::GetLane(hn::MaxOfLanes(d, largest_finite)) >> 23);
    finite = hn::GetLane(hn::MaxOfLanes(d, largest)) < float_infinity;
  }
};

HWY_ATTR void to_mxfp8(const float* from, std::uint8_t* to, std::uint8_t* scales,
                       std::size_t blocks, const StochasticRun* run) {
  const ToStochastic stochastic{e4m3_format, Overflow::saturate, run ? *run : StochasticRun{}};
  for (std::size_t b = 0; b < blocks; ++b, from += mx_block, to += mx_block) {
    const int scale = std::max(Extent(from).exponent - e4m3_emax, 0);
    scales[b] = static_cast<std::uint8_t>(scale);
    const Power power(127 - scale);
    for (std::size_t i = 0; i < mx_block; i += lanes) {
      const auto x = power.times(hn::LoadU(FloatTag(), from + i));
      const auto bits = hn::BitCast(WordTag(), x);
      store_codes(run ? stochastic.signed_code(bits, b * mx_block + i)
                      : nearest_code<e4m3_format, Overflow::saturate>(bits),
                  to + i);
    }
  }
}

HWY_INLINE Floats scaled(Floats element, const Power& power, std::uint8_t scale) {
  const auto nan = real(std::bit_cast<float>(0x7fc00000u));
  return scale == nan_scale ? nan : power.times(element);
}

HWY_ATTR void from_mxfp8(const std::uint8_t* from, const std::uint8_t* scales, float* to,
                         std::size_t blocks) {
  for (std::size_t b = 0; b < blocks; ++b, from += mx_block, to += mx_block) {
    const Power power(scales[b] - 127);
    for (std::size_t i = 0; i < mx_block; i += lanes)
      hn::StoreU(scaled(value_of<e4m3_format>(load_codes(from + i)), power, scales[b]), FloatTag(),
                 to + i);
  }
}

HWY_ATTR void to_mxint8(const float* from, std::int8_t* to, std::uint8_t* scales,
                        std::size_t blocks, const StochasticRun* run) {
  const IntTag d;
  for (std::size_t b = 0; b < blocks; ++b, from += mx_block, to += mx_block) {
    const Extent extent(from);
    scales[b] = extent.finite ? static_cast<std::uint8_t>(extent.exponent) : nan_scale;
    if (!extent.finite) {
      std::fill(to, to + mx_block, std::int8_t{0});
      continue;
    }
    const Power power(127 + int8_places - extent.exponent);
    for (std::size_t i = 0; i < mx_block; i += lanes) {
      const auto x = power.times(hn::LoadU(FloatTag(), from + i));
      const auto whole =
          run ? stochastic_whole(x, random_words(*run, b * mx_block + i)) : nearest_whole(x);
      const auto code = hn::Min(hn::Max(saturated(whole), hn::Set(d, -128)), hn::Set(d, 127));
      store_codes(hn::BitCast(WordTag(), code), reinterpret_cast<std::uint8_t*>(to + i));
    }
  }
}

HWY_ATTR void from_mxint8(const std::int8_t* from, const std::uint8_t* scales, float* to,
                          std::size_t blocks) {
  for (std::size_t b = 0; b < blocks; ++b, from += mx_block, to += mx_block) {
    const Power power(scales[b] - 127 - int8_places);
    for (std::size_t i = 0; i < mx_block; i += lanes) {
      const auto codes =
          hn::PromoteTo(IntTag(), hn::LoadU(hn::Rebind<std::int8_t, FloatTag>(), from + i));
      hn::StoreU(scaled(hn::ConvertTo(FloatTag(), codes), power, scales[b]), FloatTag(), to + i);
    }
  }
}

}  // namespace

const MxKernels& mx_table() {
  static constexpr MxKernels all = {to_mxfp8, from_mxfp8, to_mxint8, from_mxint8};
  return all;
}

}  // namespace HWY_NAMESPACE
}  // namespace models
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace models {

HWY_EXPORT(mx_table);

const MxKernels& mx_kernels() {
  return HWY_DISPATCH_TABLE(mx_table)[format_target_index()]();
}

}  // namespace models
#endif
