#pragma once

#include <cstddef>

#include "hardware/moving_nest.h"

namespace hardware::moving {

/// Moves rows to columns in tiles of a cache line each way, for elements of that many bytes: along
/// `outer` the elements are neighbours where they come from, along `inner` where they go.
/// `streamed`: whole lines go past the caches.
using TileMover = void (*)(MovedAxis outer, MovedAxis inner, const std::byte* from, std::byte* to,
                           bool streamed);
TileMover tile_mover(std::size_t element);

}  // namespace hardware::moving
