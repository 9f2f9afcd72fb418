#include "models/precision/convert.h"

#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "models/error.h"
#include "models/precision/small_float.h"

namespace models {
namespace {

void require(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(what);
}

void same_size(std::size_t from, std::size_t to) {
  require(from == to, "a conversion needs as many destinations as sources");
}

bool is_stochastic(const Rounding& rounding) {
  return rounding.mode == Rounding::Mode::stochastic;
}

std::uint32_t random_of(const Rounding& rounding, std::size_t i) {
  return is_stochastic(rounding) ? stochastic_bits(rounding.seed, rounding.first + i) : 0;
}

template <class Code>
void encode(std::span<const float> from, std::span<Code> to, SmallFloat format, Overflow overflow,
            const Rounding& rounding) {
  same_size(from.size(), to.size());
  for (std::size_t i = 0; i < from.size(); ++i)
    to[i] = static_cast<Code>(encoded(std::bit_cast<std::uint32_t>(from[i]), format, overflow,
                                      is_stochastic(rounding), random_of(rounding, i)));
}

template <class Code>
void decode(std::span<const Code> from, std::span<float> to, SmallFloat format) {
  same_size(from.size(), to.size());
  for (std::size_t i = 0; i < from.size(); ++i)
    to[i] = std::bit_cast<float>(decoded(from[i], format));
}

}  // namespace

void to_fp16(std::span<const float> from, std::span<std::uint16_t> to, Rounding rounding) {
  encode(from, to, fp16_format, Overflow::special, rounding);
}
void from_fp16(std::span<const std::uint16_t> from, std::span<float> to) {
  decode(from, to, fp16_format);
}
void to_bf16(std::span<const float> from, std::span<std::uint16_t> to, Rounding rounding) {
  encode(from, to, bf16_format, Overflow::special, rounding);
}
void from_bf16(std::span<const std::uint16_t> from, std::span<float> to) {
  same_size(from.size(), to.size());
  for (std::size_t i = 0; i < from.size(); ++i)
    to[i] = std::bit_cast<float>(std::uint32_t{from[i]} << 16);
}
void to_fp8_e4m3(std::span<const float> from, std::span<std::uint8_t> to, Overflow overflow,
                 Rounding rounding) {
  encode(from, to, e4m3_format, overflow, rounding);
}
void from_fp8_e4m3(std::span<const std::uint8_t> from, std::span<float> to) {
  decode(from, to, e4m3_format);
}
void to_fp8_e5m2(std::span<const float> from, std::span<std::uint8_t> to, Overflow overflow,
                 Rounding rounding) {
  encode(from, to, e5m2_format, overflow, rounding);
}
void from_fp8_e5m2(std::span<const std::uint8_t> from, std::span<float> to) {
  decode(from, to, e5m2_format);
}

void to_tf32(std::span<const float> from, std::span<float> to, Rounding rounding) {
  same_size(from.size(), to.size());
  constexpr int dropped = 13;
  constexpr std::uint32_t below = (1u << dropped) - 1;
  for (std::size_t i = 0; i < from.size(); ++i) {
    auto bits = std::bit_cast<std::uint32_t>(from[i]);
    if ((bits & ~float_sign) > float_infinity)
      bits |= 0x00400000;
    else if (is_stochastic(rounding))
      bits += random_of(rounding, i) >> (32 - dropped);
    else
      bits += (below >> 1) + ((bits >> dropped) & 1);
    to[i] = std::bit_cast<float>(bits & ~below);
  }
}

}  // namespace models
