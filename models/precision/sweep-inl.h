// How kernels go through arrays; included once per instruction set.

#if defined(PARTWISE_SWEEP_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PARTWISE_SWEEP_INL_H
#undef PARTWISE_SWEEP_INL_H
#else
#define PARTWISE_SWEEP_INL_H
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace models {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using WordTag = hn::RebindToUnsigned<FloatTag>;
using IntTag = hn::RebindToSigned<FloatTag>;
using HalfTag = hn::Rebind<std::uint16_t, FloatTag>;
using ByteTag = hn::Rebind<std::uint8_t, FloatTag>;
using Floats = hn::Vec<FloatTag>;
using Words = hn::Vec<WordTag>;
using Ints = hn::Vec<IntTag>;
using WordMask = hn::Mask<WordTag>;

inline constexpr std::size_t lanes = HWY_LANES(float);

/// Lets `step(from, to, index)` convert groups of `group` elements. The last, incomplete one is
/// done in buffers, so that nothing outside the arrays is touched.
template <std::size_t group, class From, class To, class Step>
HWY_ATTR void sweep(const From* from, To* to, std::size_t n, const Step& step) {
  std::size_t i = 0;
  for (; i + group <= n; i += group) step(from + i, to + i, i);
  if (i == n) return;
  alignas(64) From in[group] = {};
  alignas(64) To out[group];
  std::memcpy(in, from + i, (n - i) * sizeof(From));
  step(in, out, i);
  std::memcpy(to + i, out, (n - i) * sizeof(To));
}

HWY_INLINE Words load_words(const float* from) {
  return hn::BitCast(WordTag(), hn::LoadU(FloatTag(), from));
}

HWY_INLINE void store_halves(Words codes, std::uint16_t* to) {
  hn::StoreU(hn::TruncateTo(HalfTag(), codes), HalfTag(), to);
}
HWY_INLINE void store_codes(Words codes, std::uint16_t* to) {
  store_halves(codes, to);
}
HWY_INLINE void store_codes(Words codes, std::uint8_t* to) {
  hn::StoreU(hn::TruncateTo(ByteTag(), codes), ByteTag(), to);
}
HWY_INLINE Words either(std::uint32_t bits, Words yes, Words no) {
  return hn::IfVecThenElse(hn::Set(WordTag(), bits), yes, no);
}

#if HWY_TARGET == HWY_AVX3
/// Lowest bytes: of each 128 bits of the result, four are from a, four from b, from c, from d.
HWY_INLINE Words bytes_by_vector(Words a, Words b, Words c, Words d) {
  const auto low = either(0xff, a, hn::ShiftLeft<8>(b));
  const auto high = either(0xff, c, hn::ShiftLeft<8>(d));
  const auto all = either(0xffff, low, hn::ShiftLeft<16>(high));
  alignas(16) static constexpr std::uint8_t in_lane[16] = {0, 4, 8,  12, 1, 5, 9,  13,
                                                           2, 6, 10, 14, 3, 7, 11, 15};
  const hn::Repartition<std::uint8_t, WordTag> bytes;
  return hn::BitCast(WordTag(),
                     hn::TableLookupBytes(hn::BitCast(bytes, all), hn::LoadDup128(bytes, in_lane)));
}

/// What bytes_by_vector gave, vector after vector.
HWY_INLINE void store_by_vector(Words codes, std::uint8_t* to) {
  alignas(64) static constexpr std::uint32_t across[16] = {0, 4, 8,  12, 1, 5, 9,  13,
                                                           2, 6, 10, 14, 3, 7, 11, 15};
  const auto in_order = hn::TableLookupLanes(codes, hn::SetTableIndices(WordTag(), across));
  const hn::Repartition<std::uint8_t, WordTag> bytes;
  hn::StoreU(hn::BitCast(bytes, in_order), bytes, to);
}
#endif

#if HWY_TARGET != HWY_SCALAR
/// The lower halves of four vectors' elements.
HWY_INLINE void store_four(Words a, Words b, Words c, Words d, std::uint16_t* to) {
  const hn::Repartition<std::uint16_t, WordTag> halves;
  hn::StoreU(hn::ConcatEven(halves, hn::BitCast(halves, b), hn::BitCast(halves, a)), halves, to);
  hn::StoreU(hn::ConcatEven(halves, hn::BitCast(halves, d), hn::BitCast(halves, c)), halves,
             to + 2 * lanes);
}

/// The lowest bytes of four vectors' elements.
HWY_INLINE void store_four(Words a, Words b, Words c, Words d, std::uint8_t* to) {
#if HWY_TARGET == HWY_AVX3
  store_by_vector(bytes_by_vector(a, b, c, d), to);
#else
  store_codes(a, to);
  store_codes(b, to + lanes);
  store_codes(c, to + 2 * lanes);
  store_codes(d, to + 3 * lanes);
#endif
}
#endif

HWY_INLINE Words load_codes(const std::uint16_t* from) {
  return hn::PromoteTo(WordTag(), hn::LoadU(HalfTag(), from));
}
HWY_INLINE Words load_codes(const std::uint8_t* from) {
  return hn::PromoteTo(WordTag(), hn::LoadU(ByteTag(), from));
}

}  // namespace HWY_NAMESPACE
}  // namespace models
HWY_AFTER_NAMESPACE();

#endif
