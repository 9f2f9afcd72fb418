#pragma once

#include <cstdint>

#include "models/units.h"

/// What the keys of a device may be at most; for models/platform/device*.cpp only.
namespace models {

/// So that sums with durations stay in the range of Time.
inline constexpr Time longest_overhead = std::chrono::seconds(60);
inline constexpr std::int64_t most_buffers = 1'000'000;
inline constexpr std::int64_t most_copies = 1024;
inline constexpr std::int64_t most_cells_aside = 1 << 16;

}  // namespace models
