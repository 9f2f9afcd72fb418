#pragma once

#include <string>
#include <vector>

#include "optimizers/bounds/metric_bounds.h"

namespace optimizers {

/// What no feasible plan can beat in the goal.
struct Bounds {
  std::vector<MetricBound> objectives;  ///< [objective]
  double cost = 0;                      ///< Goal::cost, at least
  std::string from;                     ///< where the cost's bound comes from, in words
};

/// Lower bounds for any problem and workload: critical path, work over aggregate speed with what
/// must cross links, energy, memory. Sound, not tight: contention between requests, the order and
/// most conversions are left out. Milliseconds for shipped problems, seconds for 50,000 operators.
Bounds bounds_of(const models::Problem& problem, const models::Goal& goal);
/// Of one metric alone. MetricBounds shares work between several.
MetricBound bound_of(const models::Problem& problem, models::Metric metric);

}  // namespace optimizers
