#include "results/reasons.h"

#include <algorithm>
#include <limits>

namespace results {
namespace {

using models::Goal;
using Front = std::vector<StoredPlan*>;

void append(std::string& text, const std::string& more) {
  text += (text.empty() ? "" : "; ") + more;
}

/// "least energy", "most throughput".
std::string best_of(models::Metric metric) {
  const auto& entry = models::about(metric);
  return (entry.smaller_is_better ? "least " : "most ") + std::string(entry.name);
}

std::string value_of(const StoredPlan& plan, models::Metric metric) {
  return models::pretty(metric, plan.score.value(metric));
}

/// "energy up to 12 mJ", "throughput from 30 /s".
std::string given(const StoredPlan& plan, models::Metric metric) {
  const auto& entry = models::about(metric);
  return std::string(entry.name) + (entry.smaller_is_better ? " up to " : " from ") +
         value_of(plan, metric);
}

void name_extremes(const Front& front, const Goal& goal) {
  for (std::size_t i = 0; i < goal.objectives.size(); ++i) {
    auto* best = *std::ranges::min_element(
        front, {}, [i](const StoredPlan* plan) { return plan->objectives[i]; });
    append(best->reason, best_of(goal.objectives[i].metric));
  }
}

/// The plan nearest to the best of everything, every objective in parts of the front's extent.
void name_knee(const Front& front, const Goal& goal) {
  const auto count = goal.objectives.size();
  if (count < 2 || front.size() <= count) return;
  std::vector<double> low(count, std::numeric_limits<double>::infinity()), high(count, 0);
  for (const auto* plan : front)
    for (std::size_t i = 0; i < count; ++i) {
      low[i] = std::min(low[i], plan->objectives[i]);
      high[i] = std::max(high[i], plan->objectives[i]);
    }
  const auto distance = [&](const StoredPlan* plan) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i)
      if (high[i] > low[i]) {
        const double part = (plan->objectives[i] - low[i]) / (high[i] - low[i]);
        sum += part * part;
      }
    return sum;
  };
  append((*std::ranges::min_element(front, {}, distance))->reason,
         "knee: nearest to the best of all");
}

/// Of two plans and more: who alone leaves a device free, and who alone takes the least memory.
void name_the_only(const Front& front, const Goal& goal, const Names& names) {
  for (std::size_t device = 0; device < names.devices.size(); ++device) {
    const auto spares = [&](const StoredPlan* plan) {
      return std::ranges::find(plan->plan.device, device) == plan->plan.device.end();
    };
    if (std::ranges::count_if(front, spares) == 1)
      append((*std::ranges::find_if(front, spares))->reason,
             "the only one without '" + names.devices[device] + "'");
  }
  const auto is_asked = [](const Goal::Objective& one) {
    return one.metric == models::Metric::memory;
  };
  if (std::ranges::any_of(goal.objectives, is_asked)) return;
  const auto memory = [](const StoredPlan* plan) { return plan->score.memory_bytes; };
  auto* least = *std::ranges::min_element(front, {}, memory);
  if (std::ranges::count(front, memory(least), memory) == 1)
    append(least->reason,
           "the only one that fits into " + value_of(*least, models::Metric::memory));
}

/// Whether no other plan of the front is better in objective `wanted` and as good in those `kept`.
bool is_best(const StoredPlan& plan, const Front& front, std::size_t wanted,
             const std::vector<std::size_t>& kept) {
  return std::ranges::none_of(front, [&](const StoredPlan* other) {
    return other->objectives[wanted] < plan.objectives[wanted] &&
           std::ranges::all_of(
               kept, [&](std::size_t i) { return other->objectives[i] <= plan.objectives[i]; });
  });
}

/// What is true of any plan that no other dominates, in as few words as may be.
std::string trade(const StoredPlan& plan, const Front& front, const Goal& goal) {
  const auto count = goal.objectives.size();
  const auto metric = [&](std::size_t i) { return goal.objectives[i].metric; };
  for (std::size_t wanted = 0; wanted < count; ++wanted)
    for (std::size_t kept = 0; kept < count; ++kept)
      if (kept != wanted && is_best(plan, front, wanted, {kept}))
        return best_of(metric(wanted)) + " at " + given(plan, metric(kept));
  std::string text = best_of(metric(0)) + " at ";
  for (std::size_t i = 1; i < count; ++i)
    text += (i == 1 ? "" : i + 1 == count ? " and " : ", ") + given(plan, metric(i));
  return text;
}

}  // namespace

void give_reasons(std::vector<StoredPlan>& plans, const Goal& goal, const Names& names) {
  Front front;
  for (auto& plan : plans)
    if (plan.pareto) front.push_back(&plan);
  if (front.empty()) return;
  if (front.front()->violation > 0) {
    for (auto* plan : front) append(plan->reason, "misses what is asked by the least");
    return;
  }
  name_extremes(front, goal);
  if (front.size() == 1) return;
  name_knee(front, goal);
  name_the_only(front, goal, names);
  for (auto* plan : front)
    if (plan->reason.empty()) plan->reason = trade(*plan, front, goal);
}

}  // namespace results
