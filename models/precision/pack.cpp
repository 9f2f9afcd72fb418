#include "models/precision/pack.h"

#include <stdexcept>
#include <type_traits>

namespace models {
namespace {

template <class Code>
void check(std::size_t codes, int width, std::size_t bytes) {
  if (width < 2 || width > static_cast<int>(8 * sizeof(Code)))
    throw std::invalid_argument("packing takes widths of 2 bits to those of the type");
  if (bytes != packed_bytes(codes, width))
    throw std::invalid_argument("packed codes take packed_bytes");
}

template <class Code>
void pack_all(std::span<const Code> codes, int width, std::span<std::byte> to) {
  check<Code>(codes.size(), width, to.size());
  const auto mask = (std::uint64_t{1} << width) - 1;
  std::uint64_t held = 0;
  int bits = 0;
  std::size_t at = 0;
  for (const auto code : codes) {
    held |= (static_cast<std::uint64_t>(static_cast<std::uint32_t>(code)) & mask) << bits;
    for (bits += width; bits >= 8; bits -= 8, held >>= 8) to[at++] = static_cast<std::byte>(held);
  }
  if (bits > 0) to[at] = static_cast<std::byte>(held);
}

template <class Code>
void unpack_all(std::span<const std::byte> from, int width, std::span<Code> codes) {
  check<Code>(codes.size(), width, from.size());
  const auto mask = (std::uint64_t{1} << width) - 1;
  const auto sign = std::is_signed_v<Code> ? std::uint64_t{1} << (width - 1) : 0;
  std::uint64_t held = 0;
  int bits = 0;
  std::size_t at = 0;
  for (auto& code : codes) {
    for (; bits < width; bits += 8) held |= static_cast<std::uint64_t>(from[at++]) << bits;
    code = static_cast<Code>(((held & mask) ^ sign) - sign);
    held >>= width;
    bits -= width;
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
