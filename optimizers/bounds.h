#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/goal.h"
#include "models/problem.h"

namespace optimizers {

/// What no feasible plan of a problem can beat in one metric.
struct MetricBound {
  models::Metric metric = models::Metric::latency_mean;
  double value = 0;            ///< in the metric's unit; for throughput at most, else at least
  std::string_view from = "";  ///< "critical path", "work over speed", ...; "nothing known"
};

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
MetricBound bound_of(const models::Problem& problem, models::Metric metric);

}  // namespace optimizers
