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

/// Bytes of an element in memory.
std::size_t bytes_of(models::ElementType type);

}  // namespace hardware
