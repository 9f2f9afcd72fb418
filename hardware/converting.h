#pragma once

#include <cstddef>
#include <cstdint>

#include "models/network/network.h"

namespace hardware {

/// Converts `count` elements as ONNX's Cast does: to integers by dropping the fraction, to booleans
/// by comparing with 0, to half precision by rounding once, to nearest even. Integers wrap. A real
/// number that the integer type has no room for becomes what an x86 makes of it.
using Convert = void (*)(const std::byte* from, std::byte* to, std::int64_t count);
Convert converter(models::ElementType from, models::ElementType to);

/// One fp16 or bf16 number as fp32, and the nearest one of an fp32 number.
float from_half(std::uint16_t bits);
float from_bfloat(std::uint16_t bits);
std::uint16_t to_half(float value);
std::uint16_t to_bfloat(float value);

/// Bytes of an element in memory.
std::size_t bytes_of(models::ElementType type);

}  // namespace hardware
