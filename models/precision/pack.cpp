#include "models/precision/pack.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <type_traits>

#include "models/precision/pack_kernels.h"

namespace models {
namespace {

template <class Code>
void check(std::size_t codes, int width, std::size_t bytes) {
  if (width < 2 || width > static_cast<int>(8 * sizeof(Code)))
    throw std::invalid_argument("packing takes widths of 2 bits to those of the type");
  if (bytes != packed_bytes(codes, width))
    throw std::invalid_argument("packed codes take packed_bytes");
}

/// Appends bits to bytes.
class BitWriter {
 public:
  explicit BitWriter(std::byte* at) : at_(at) {}

  /// 1 to 64 bits; what is above them is zero.
  void put(std::uint64_t value, int bits) {
    held_ |= value << used_;
    used_ += bits;
    if (used_ < 64) return;
    std::memcpy(at_, &held_, sizeof held_);
    at_ += sizeof held_;
    used_ -= 64;
    held_ = used_ == 0 ? 0 : value >> (bits - used_);
  }
  void finish() {
    for (; used_ > 0; used_ -= 8, held_ >>= 8) *at_++ = static_cast<std::byte>(held_);
  }

 private:
  std::byte* at_;
  std::uint64_t held_ = 0;
  int used_ = 0;
};

/// Codes in the narrowest type that holds the width are put together, a vector at a time, up to 64
/// bits, and then one after the other.
template <class Code>
void put_all(const Code* codes, std::size_t n, int width, BitWriter& writer) {
  constexpr std::size_t group = 8 / sizeof(Code), groups = 64;
  const auto& kernels = pack_kernels();
  std::array<std::uint64_t, groups> gathered;
  for (std::size_t i = 0; i < n; i += group * groups) {
    const auto count = std::min(n - i, group * groups);
    const auto whole = count / group;
    if constexpr (sizeof(Code) == 1) kernels.gather_8(codes + i, width, gathered.data(), whole);
    if constexpr (sizeof(Code) == 2) kernels.gather_16(codes + i, width, gathered.data(), whole);
    if constexpr (sizeof(Code) == 4) kernels.gather_32(codes + i, width, gathered.data(), whole);
    for (std::size_t g = 0; g < whole; ++g)
      writer.put(gathered[g], static_cast<int>(group) * width);
    const auto mask = (std::uint64_t{1} << width) - 1;
    for (std::size_t k = whole * group; k < count; ++k) writer.put(codes[i + k] & mask, width);
  }
}

constexpr std::size_t piece = 512;

/// Through a narrower type first.
template <class Narrow, class Code>
void put_narrowed(std::span<const Code> codes, int width, BitWriter& writer) {
  std::array<Narrow, piece> narrow;
  for (std::size_t i = 0; i < codes.size(); i += piece) {
    const auto part = codes.subspan(i, std::min(piece, codes.size() - i));
    std::transform(part.begin(), part.end(), narrow.begin(),
                   [](Code code) { return static_cast<Narrow>(code); });
    put_all(narrow.data(), part.size(), width, writer);
  }
}

template <class Code>
void pack_all(std::span<const Code> codes, int width, std::span<std::byte> to) {
  check<Code>(codes.size(), width, to.size());
  BitWriter writer(to.data());
  if constexpr (sizeof(Code) > 1) {
    if (width <= 8) {
      put_narrowed<std::uint8_t>(codes, width, writer);
      return writer.finish();
    }
  }
  if constexpr (sizeof(Code) > 2) {
    if (width <= 16) {
      put_narrowed<std::uint16_t>(codes, width, writer);
      return writer.finish();
    }
  }
  using Unsigned = std::make_unsigned_t<Code>;
  put_all(reinterpret_cast<const Unsigned*>(codes.data()), codes.size(), width, writer);
  writer.finish();
}

/// One code, from the bytes it touches.
std::uint32_t code_at(std::span<const std::byte> from, std::size_t bit, int width) {
  std::uint64_t held = 0;
  const auto first = bit / 8, end = (bit + static_cast<std::size_t>(width) + 7) / 8;
  for (auto i = first; i < end; ++i)
    held |= static_cast<std::uint64_t>(from[i]) << (8 * (i - first));
  return static_cast<std::uint32_t>((held >> bit % 8) & ((std::uint64_t{1} << width) - 1));
}

/// `from` begins with the first code.
void spread_all(std::span<const std::byte> from, int width, std::uint32_t sign,
                std::span<std::uint32_t> codes) {
  auto i = pack_kernels().spread(from.data(), from.size(), width, sign, codes.data(), codes.size());
  for (; i < codes.size(); ++i)
    codes[i] = (code_at(from, i * static_cast<std::size_t>(width), width) ^ sign) - sign;
}

template <class Code>
void unpack_all(std::span<const std::byte> from, int width, std::span<Code> codes) {
  check<Code>(codes.size(), width, from.size());
  const auto sign = std::is_signed_v<Code> ? std::uint32_t{1} << (width - 1) : 0;
  if constexpr (sizeof(Code) == 4) {
    spread_all(from, width, sign, {reinterpret_cast<std::uint32_t*>(codes.data()), codes.size()});
  } else {
    std::array<std::uint32_t, piece> wide;
    for (std::size_t i = 0; i < codes.size(); i += piece) {
      const auto part = codes.subspan(i, std::min(piece, codes.size() - i));
      const auto of_part = std::span(wide).first(part.size());
      spread_all(from.subspan(i * static_cast<std::size_t>(width) / 8), width, sign, of_part);
      std::transform(of_part.begin(), of_part.end(), part.begin(),
                     [](std::uint32_t code) { return static_cast<Code>(code); });
    }
  }
}

}  // namespace

void pack(std::span<const std::uint32_t> codes, int width, std::span<std::byte> to) {
  pack_all(codes, width, to);
}
void pack(std::span<const std::int32_t> codes, int width, std::span<std::byte> to) {
  pack_all(codes, width, to);
}
void pack(std::span<const std::uint8_t> codes, int width, std::span<std::byte> to) {
  pack_all(codes, width, to);
}
void pack(std::span<const std::int8_t> codes, int width, std::span<std::byte> to) {
  pack_all(codes, width, to);
}
void pack(std::span<const std::uint16_t> codes, int width, std::span<std::byte> to) {
  pack_all(codes, width, to);
}
void unpack(std::span<const std::byte> from, int width, std::span<std::uint32_t> codes) {
  unpack_all(from, width, codes);
}
void unpack(std::span<const std::byte> from, int width, std::span<std::int32_t> codes) {
  unpack_all(from, width, codes);
}
void unpack(std::span<const std::byte> from, int width, std::span<std::uint8_t> codes) {
  unpack_all(from, width, codes);
}
void unpack(std::span<const std::byte> from, int width, std::span<std::int8_t> codes) {
  unpack_all(from, width, codes);
}
void unpack(std::span<const std::byte> from, int width, std::span<std::uint16_t> codes) {
  unpack_all(from, width, codes);
}

}  // namespace models
