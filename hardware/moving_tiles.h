#pragma once

#include <cstddef>

#include "hardware/moving_nest.h"

namespace hardware::moving {

/// Moves rows to columns in tiles of a cache line each way, for elements of that many bytes: along
/// `outer` the elements are neighbours where they come from, along `inner` where they go.
using TileMover = void (*)(const MovedAxis& outer, const MovedAxis& inner, const std::byte* from,
                           std::byte* to);
TileMover tile_mover(std::size_t element);

}  // namespace hardware::moving
