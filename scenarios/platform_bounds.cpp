#include "scenarios/platforms.h"

namespace scenarios {
namespace {

using optimizers::Bounds;
using optimizers::MetricBound;

/// A bound takes milliseconds.
constexpr std::int64_t most_platforms = 1000;

/// Whether `a` leaves more room than `b`.
bool is_looser(const MetricBound& a, const MetricBound& b) {
  return models::about(a.metric).smaller_is_better ? a.value < b.value : a.value > b.value;
}

void loosen(Bounds& all, const Bounds& one) {
  for (std::size_t i = 0; i < all.objectives.size(); ++i)
    if (is_looser(one.objectives[i], all.objectives[i])) all.objectives[i] = one.objectives[i];
  if (one.cost >= all.cost) return;
  all.cost = one.cost;
  all.from = one.from;
}

/// Calls `visit` with the problem of each platform that holds together; of those within the limits
/// on area and price only, if that is asked for.
template <class Visit>
void for_each_problem(const Parts& parts, bool within_limits, const Visit& visit) {
  for (std::int64_t d = 0; d < parts.platforms->count(); ++d) {
    const auto design = static_cast<std::uint32_t>(d);
    if (within_limits && parts.platforms->excess(design, parts.goal) > 0) continue;
    if (const auto problem = parts.platforms->problem(design)) visit(*problem);
  }
}

}  // namespace

std::optional<Bounds> bounds_of(const Parts& parts) {
  if (!parts.platforms) return optimizers::bounds_of(*parts.problem, parts.goal);
  if (parts.platforms->count() > most_platforms) return std::nullopt;
  std::optional<Bounds> all;
  for_each_problem(parts, true, [&](const models::Problem& problem) {
    auto one = optimizers::bounds_of(problem, parts.goal);
    if (all)
      loosen(*all, one);
    else
      all = std::move(one);
  });
  return all;
}

std::optional<MetricBound> bound_of(const Parts& parts, models::Metric metric) {
  if (!parts.platforms) return optimizers::bound_of(*parts.problem, metric);
  if (parts.platforms->count() > most_platforms) return std::nullopt;
  std::optional<MetricBound> all;
  for_each_problem(parts, false, [&](const models::Problem& problem) {
    const auto one = optimizers::bound_of(problem, metric);
    if (!all || is_looser(one, *all)) all = one;
  });
  return all;
}

}  // namespace scenarios
