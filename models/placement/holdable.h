#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/placement/placement.h"

namespace models {

/// Throws PlacementFault where no placement can be: there is no device, or, without CPUs, a class
/// that accelerators do not take or memory that is too small in any way of packing.
void check_holdable(const PlacementProblem& problem);

/// The least room that so many bins could do with, each of the sizes in one of them: a lower bound,
/// exact where few sizes are left to try. At least `room`.
std::int64_t least_room(std::vector<std::int64_t> sizes, int bins, std::int64_t room);

/// "a, b, c and 4 more".
std::string listed(const std::vector<std::string>& names);

}  // namespace models
