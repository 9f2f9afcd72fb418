#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

/// Codes of 2 to 32 bits, one after the other without gaps: what goes over a link of any width. Bit
/// b of code i is bit (i x width + b) % 8 of byte (i x width + b) / 8. The same bytes on every
/// instruction set. Widths outside 2..32 and spans of the wrong size throw std::invalid_argument.
namespace models {

/// Bytes that so many codes take.
constexpr std::size_t packed_bytes(std::size_t codes, int width) {
  return (codes * static_cast<std::size_t>(width) + 7) / 8;
}

/// The lower `width` bits of every code. Bits left over in the last byte are 0.
void pack(std::span<const std::uint32_t> codes, int width, std::span<std::byte> to);
void pack(std::span<const std::int32_t> codes, int width, std::span<std::byte> to);
/// From codes that lie in bytes or 16 bits; width at most 8 or 16.
void pack(std::span<const std::uint8_t> codes, int width, std::span<std::byte> to);
void pack(std::span<const std::int8_t> codes, int width, std::span<std::byte> to);
void pack(std::span<const std::uint16_t> codes, int width, std::span<std::byte> to);

/// The upper bits of what comes out are 0, or copies of the code's highest where the type is
/// signed.
void unpack(std::span<const std::byte> from, int width, std::span<std::uint32_t> codes);
void unpack(std::span<const std::byte> from, int width, std::span<std::int32_t> codes);
void unpack(std::span<const std::byte> from, int width, std::span<std::uint8_t> codes);
void unpack(std::span<const std::byte> from, int width, std::span<std::int8_t> codes);
void unpack(std::span<const std::byte> from, int width, std::span<std::uint16_t> codes);

}  // namespace models
