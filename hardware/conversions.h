#pragma once

#include "hardware/kernel.h"
#include "hardware/onednn/reorder.h"  // IWYU pragma: export

namespace hardware {

/// Rounds fp32 numbers to what is left of them after a trip through `format`, in place: run() is
/// given one output and no input. `scale` is that of integer formats; 0: the largest magnitude
/// becomes the largest code. MX formats take blocks of 32 in the order of memory.
Prepared make_rounding(const Layout& layout, models::Precision format, float scale);

/// Copies bytes.
Prepared make_copy(const Layout& layout);

}  // namespace hardware
