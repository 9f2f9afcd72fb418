#pragma once

#include <optional>
#include <vector>

#include "optimizers/bounds/joint_bound.h"
#include "optimizers/bounds/metric_bounds.h"

namespace optimizers {

/// A goal written as sums over operators and transfers, and times: no plan that holds memory and
/// limits costs less than it says.
struct Relaxation {
  Forest::Prices base;
  TimeTerms times;
  std::vector<Allowance> allowances;
  double fixed = 0;  ///< cost that no plan changes
};

/// Nothing for several networks, batches and bursts.
std::optional<Relaxation> relaxation_of(MetricBounds& bounds, const models::Goal& goal);

}  // namespace optimizers
