#pragma once

#include "hardware/kernel.h"

namespace hardware {

/// A kernel that copies a tensor into another layout or type: fp32, bf16, and int8 and uint8 with
/// their scales, in any combination; any type into itself. Rounds to nearest even and saturates,
/// bit for bit as models/precision does. The shapes are equal. Throws NotSupported for other types.
///
/// oneDNN only moves fp32: it moves narrower types two to six times slower, rounds by the
/// reciprocal of the scale, and treats subnormal numbers as each instruction set likes.
Prepared make_reorder(const Layout& from, const Layout& to);

}  // namespace hardware
