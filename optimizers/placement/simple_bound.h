#pragma once

#include <string>

#include "models/placement/placement.h"

namespace optimizers {

/// What no placement can be better than, and why.
struct PlacementBound {
  models::Time value{};
  std::string name = "none";
};

/// In O(n log n), without communication or memory: for throughput the work of all colour classes,
/// cut to measure, over the speed of all devices, or the longest class; for latency the critical
/// path with every node where it is fastest.
PlacementBound simple_bound(const models::PlacementProblem& problem);

}  // namespace optimizers
