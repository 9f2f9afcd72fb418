#pragma once

#include <vector>

#include "optimizers/bounds/least_costs.h"

namespace optimizers {

/// The part of their time that tasks of a workload take at least.
inline double least_jitter(const models::Workload& workload) {
  return 1 - workload.jitter;
}

/// The longest chain of operators, each where it and all before it end earliest; with what must
/// travel between them, nothing ever waiting. Picoseconds, for each network.
std::vector<double> longest_chains(const LeastCosts& costs);

}  // namespace optimizers
