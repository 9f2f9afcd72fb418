#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string_view>

#include "models/placement/placement.h"

namespace optimizers {

/// What no placement can beat, and why.
struct PlacementBound {
  models::Time value{};
  std::string_view name = "none";
  std::int64_t effort = 0;  ///< minimum cuts and states it took
};

/// The best of the bounds that cost little (milliseconds; a tenth of a second where the steps of
/// `barriers` run out; seconds with a hundred thousand nodes, where `stop` makes do with what is
/// known by then). Throughput: work over speed (everything divisible), unavoidable CPU time where
/// memory is short, and for every colour class the cheapest set around it. Latency: the critical
/// path with each node on its faster device, and what memory and slots make of it
/// (latency_bound.h).
PlacementBound placement_bound(
    const models::PlacementProblem& problem,
    const std::function<bool()>& stop = [] { return false; });

/// A better bound for throughput where a placement of the given value is known: the highest limit
/// that reduction (reduction.h) or prices (prices.h) show to be below every placement, found by
/// halving. The value itself if nothing is better: then it is proven. Milliseconds on layer graphs,
/// seconds on a few hundred classes; `stop`, `halt` (within steps) and `budget` (of effort) cut it
/// short.
PlacementBound raised_bound(
    const models::PlacementProblem& problem, PlacementBound known, models::Time value,
    const std::function<bool()>& stop,
    std::int64_t budget = std::numeric_limits<std::int64_t>::max(),
    const std::function<bool()>& halt = [] { return false; });

/// The single bounds, for tables and tests; zero where one says nothing.
models::Time work_over_speed(const models::PlacementProblem& problem);
models::Time unavoidable_cpu_time(const models::PlacementProblem& problem);
models::Time cheapest_set_around_a_class(const models::PlacementProblem& problem);
models::Time placement_critical_path(const models::PlacementProblem& problem);

}  // namespace optimizers
