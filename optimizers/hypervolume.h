#pragma once

#include <span>
#include <vector>

#include "models/goal.h"
#include "optimizers/archive.h"

namespace optimizers {

/// The volume of what `points` dominate, all values to be made small, up to `reference`; what is
/// not below the reference everywhere adds nothing. Exact: by sweeping in two and three dimensions,
/// in O(n log n) and O(n^2), by WFG above (While, Bradstreet, Barone, A fast way of calculating
/// exact hypervolumes, 2012), whose effort may double with every point.
double hypervolume(std::vector<std::vector<double>> points, std::span<const double> reference);

/// The part of the box between zero and the goal's reference point that the front dominates, in
/// [0, 1]; 0 while no plan holds all limits, or where the goal has no reference point.
double hypervolume(const Archive& archive, const models::Goal& goal);

}  // namespace optimizers
