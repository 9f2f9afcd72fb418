#include "models/precision/pack_kernels.h"

#include "models/precision/targets.h"
#include "models/precision/vectors.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/precision/pack_kernels.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
//
#include <hwy/highway.h>

#include "models/precision/sweep-inl.h"

HWY_BEFORE_NAMESPACE();
namespace models {
namespace HWY_NAMESPACE {
namespace {

using LongTag = hn::ScalableTag<std::uint64_t>;
using Longs = hn::Vec<LongTag>;
constexpr std::size_t longs = HWY_LANES(std::uint64_t);

/// Moves the upper half of every field of 2 `bits` bits down to where the lower half's `width` bits
/// end.
template <int bits>
HWY_INLINE Longs joined(Longs x, int width) {
  constexpr std::uint64_t lower = bits == 8    ? 0x00ff00ff00ff00ff
                                  : bits == 16 ? 0x0000ffff0000ffff
                                               : 0x00000000ffffffff;
  const auto mask = hn::Set(LongTag(), lower);
  const auto odd = hn::And(hn::ShiftRight<bits>(x), mask);
  return hn::Or(hn::And(x, mask), hn::ShiftLeftSame(odd, width));
}

template <class Code>
struct Gather {
  int width;
  HWY_INLINE void operator()(const std::uint64_t* from, std::uint64_t* to, std::size_t) const {
    constexpr std::uint64_t ones = sizeof(Code) == 1   ? 0x0101010101010101
                                   : sizeof(Code) == 2 ? 0x0001000100010001
                                                       : 0x0000000100000001;
    const auto mask = hn::Set(LongTag(), ones * ((std::uint64_t{1} << width) - 1));
    auto x = hn::And(hn::LoadU(LongTag(), from), mask);
    int joined_width = width;
    if constexpr (sizeof(Code) == 1) {
      x = joined<8>(x, joined_width);
      joined_width *= 2;
    }
    if constexpr (sizeof(Code) <= 2) {
      x = joined<16>(x, joined_width);
      joined_width *= 2;
    }
    hn::StoreU(joined<32>(x, joined_width), LongTag(), to);
  }
};

template <class Code>
HWY_ATTR void gather(const Code* from, int width, std::uint64_t* to, std::size_t groups) {
  // Copied by bytes inside: codes need not lie on multiples of eight.
  sweep<longs>(reinterpret_cast<const std::uint64_t*>(from), to, groups, Gather<Code>{width});
}

#if HWY_TARGET == HWY_SCALAR
std::size_t spread(const std::byte*, std::size_t, int, std::uint32_t, std::uint32_t*, std::size_t) {
  return 0;
}
#else
/// Takes 16 / sizeof(Lane) codes out of the 16 bytes in which they begin: every lane gets the bytes
/// that its code touches, and shifts it down.
template <class Lane>
struct Spread {
  static constexpr std::size_t lanes_of = 16 / sizeof(Lane);
  static constexpr std::size_t parts = 8 / lanes_of;  ///< that eight codes are taken in
  using Tag = hn::FixedTag<Lane, lanes_of>;
  using Bytes = hn::FixedTag<std::uint8_t, 16>;

  alignas(16) std::uint8_t index[parts][16];
  alignas(16) Lane shift[parts][lanes_of];
  std::size_t offset[parts];

  explicit Spread(std::size_t width) {
    for (std::size_t part = 0; part < parts; ++part) {
      const auto begin = part * lanes_of * width;
      offset[part] = begin / 8;
      for (std::size_t lane = 0; lane < lanes_of; ++lane) {
        const auto bit = begin % 8 + lane * width;
        shift[part][lane] = static_cast<Lane>(bit % 8);
        for (std::size_t byte = 0; byte < sizeof(Lane); ++byte)
          index[part][lane * sizeof(Lane) + byte] = static_cast<std::uint8_t>(bit / 8 + byte);
      }
    }
  }

  HWY_INLINE void take(const std::byte* from, std::size_t part, std::uint64_t mask,
                       std::uint64_t sign, std::uint32_t* to) const {
    const Bytes bytes;
    const Tag d;
    const auto all = hn::LoadU(bytes, reinterpret_cast<const std::uint8_t*>(from + offset[part]));
    const auto own = hn::BitCast(d, hn::TableLookupBytes(all, hn::Load(bytes, index[part])));
    const auto code = hn::And(own >> hn::Load(d, shift[part]), hn::Set(d, static_cast<Lane>(mask)));
    const auto s = hn::Set(d, static_cast<Lane>(sign));
    const auto extended = hn::Sub(hn::Xor(code, s), s);
    if constexpr (sizeof(Lane) == 4) {
      hn::StoreU(extended, d, to);
    } else {
      const hn::Rebind<std::uint32_t, Tag> words;
      hn::StoreU(hn::TruncateTo(words, extended), words, to);
    }
  }
};

template <class Lane>
HWY_ATTR std::size_t spread_by(const std::byte* from, std::size_t bytes, std::size_t width,
                               std::uint32_t sign, std::uint32_t* to, std::size_t codes) {
  const Spread<Lane> spread(width);
  const auto mask = (std::uint64_t{1} << width) - 1;
  const auto reach = spread.offset[Spread<Lane>::parts - 1] + 16;
  std::size_t i = 0;
  for (std::size_t at = 0; i + 8 <= codes && at + reach <= bytes; i += 8, at += width)
    for (std::size_t part = 0; part < Spread<Lane>::parts; ++part)
      spread.take(from + at, part, mask, sign, to + i + part * Spread<Lane>::lanes_of);
  return i;
}

HWY_ATTR std::size_t spread(const std::byte* from, std::size_t bytes, int width, std::uint32_t sign,
                            std::uint32_t* to, std::size_t codes) {
  const auto bits = static_cast<std::size_t>(width);
  // A code of up to 25 bits, wherever it begins in a byte, lies within four.
  return width <= 25 ? spread_by<std::uint32_t>(from, bytes, bits, sign, to, codes)
                     : spread_by<std::uint64_t>(from, bytes, bits, sign, to, codes);
}
#endif

}  // namespace

const PackKernels& pack_table() {
  static constexpr PackKernels all = {gather<std::uint8_t>, gather<std::uint16_t>,
                                      gather<std::uint32_t>, spread};
  return all;
}

}  // namespace HWY_NAMESPACE
}  // namespace models
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace models {

HWY_EXPORT(pack_table);

const PackKernels& pack_kernels() {
  return HWY_DISPATCH_TABLE(pack_table)[format_target_index()]();
}

}  // namespace models
#endif
