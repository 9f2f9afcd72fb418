#pragma once

#include "hardware/kernel.h"

namespace hardware {

/// A kernel that copies a real-valued tensor into another layout or type: fp32, bf16, and int8 and
/// uint8 with their scales, in any combination. Rounds to nearest even and saturates. The shapes
/// are equal. Throws NotSupported for other types.
Prepared make_reorder(const Layout& from, const Layout& to);

}  // namespace hardware
