#include "optimizers/prices.h"

#include <algorithm>
#include <cmath>

#include "models/index.h"

namespace optimizers {

using models::at;
using models::Metric;

namespace {

/// What is drawn all the time, with all lanes powered.
double standing_watts(const models::Problem& problem) {
  double watts = 0;
  for (int d = 0; d < problem.devices; ++d)
    watts += at(problem.device_gated, d) != 0 ? 0 : at(problem.static_power, d);
  for (int l = 0; l < problem.links; ++l)
    watts +=
        at(problem.link_gated, l) != 0 ? 0 : at(problem.lane_power, l) * at(problem.lane_budget, l);
  return watts;
}

}  // namespace

Prices::Prices(const models::Problem& problem, const models::Goal& goal,
               const models::Score& score) {
  if (score.memory_over > 0) {
    weight_byte = 1 / static_cast<double>(std::max<std::int64_t>(1, score.memory_bytes));
    return;
  }
  bool missed = false;
  for (const auto& limit : goal.limits) {
    const double value = score.value(limit.metric);
    const bool small = about(limit.metric).smaller_is_better;
    if (small ? value <= limit.bound : value >= limit.bound) continue;
    missed = true;
    add(problem, limit.metric, 1 / (limit.bound != 0 ? std::abs(limit.bound) : 1), score);
  }
  if (missed) return;
  for (const auto& each : goal.objectives)
    add(problem, each.metric,
        each.metric == Metric::throughput ? each.weight * each.scale : each.weight / each.scale,
        score);
}

/// Of throughput the price is one of the seconds between requests.
void Prices::add(const models::Problem& problem, Metric metric, double per_unit,
                 const models::Score& score) {
  const auto requests = static_cast<double>(std::max<std::int64_t>(1, problem.requests()));
  const bool many = problem.requests() >= 4;
  switch (metric) {
    case Metric::energy:
      joule += per_unit;
      (many ? period : latency) += per_unit * standing_watts(problem);
      break;
    case Metric::accuracy_loss:
      noise += per_unit;
      break;
    case Metric::memory:
      weight_byte += per_unit;
      break;
    case Metric::transferred_bytes:
      transferred_byte += per_unit;
      break;
    case Metric::period_bound:
      period += per_unit;
      break;
    case Metric::load_balance:
      period += per_unit / std::max(1e-12, models::seconds(score.period_bound));
      break;
    case Metric::period:
    case Metric::throughput:
      (many ? period : latency) += per_unit;
      break;
    case Metric::makespan:
      period += many ? per_unit * requests : 0;
      latency += many ? 0 : per_unit;
      break;
    case Metric::deadline_misses:
      latency += per_unit / std::max(1e-12, models::seconds(score.latency_mean));
      break;
    default:  // latencies: of many requests they wait for the slowest device
      latency += per_unit;
      period += many ? 0.5 * per_unit * requests : 0;
  }
}

}  // namespace optimizers
