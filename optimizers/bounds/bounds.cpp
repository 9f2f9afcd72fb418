#include "optimizers/bounds/bounds.h"

#include "optimizers/bounds/relaxation.h"

namespace optimizers {

MetricBound bound_of(const models::Problem& problem, models::Metric metric) {
  return MetricBounds(problem).of(metric);
}

Bounds bounds_of(const models::Problem& problem, const models::Goal& goal) {
  MetricBounds metrics(problem);
  Bounds bounds;
  for (const auto& objective : goal.objectives) {
    const auto one = metrics.of(objective.metric);
    bounds.objectives.push_back(one);
    const bool small = models::about(objective.metric).smaller_is_better;
    const double value = small ? one.value : 1 / one.value;
    const double scale = small ? objective.scale : 1 / objective.scale;
    bounds.cost += objective.weight * value / scale;
    if (bounds.from.find(one.from) != std::string::npos) continue;
    bounds.from += (bounds.from.empty() ? "" : "; ") + std::string(one.from);
  }
  bounds.cost *= safety;
  const auto relaxation = relaxation_of(metrics, goal);
  if (!relaxation) return bounds;
  const double all =
      relaxation->fixed + joint_bound(metrics.costs(), metrics.forest(), relaxation->base,
                                      relaxation->times, relaxation->allowances) *
                              safety;
  if (all <= bounds.cost) return bounds;
  bounds.cost = all;
  bounds.from += bounds.objectives.size() > 1 ? ", all at once" : " within memory and limits";
  return bounds;
}

}  // namespace optimizers
