#include "scenarios/expenses.h"

#include <algorithm>

#include "models/platform/expenses.h"

namespace scenarios {

using models::Metric;

namespace {

bool asks_for(const models::Goal& goal, Metric metric) {
  const auto is_it = [metric](const auto& one) { return one.metric == metric; };
  return std::ranges::any_of(goal.objectives, is_it) || std::ranges::any_of(goal.limits, is_it) ||
         std::ranges::any_of(goal.penalties, is_it);
}

Lacking lacking(Metric metric, const std::string& part, const std::string& zero) {
  const std::string name(models::about(metric).name);
  return {metric, name + " is asked for, and " + part + " does not say its own; give it '" + name +
                      ": " + zero + "' if it does not count"};
}

}  // namespace

std::optional<Lacking> lacking_expense(const models::Goal& goal, const models::Platform& platform) {
  const auto expenses = models::expenses_of(platform);
  if (asks_for(goal, Metric::area) && !expenses.without_area.empty())
    return lacking(Metric::area, expenses.without_area, "0 mm2");
  if (asks_for(goal, Metric::price) && !expenses.without_price.empty())
    return lacking(Metric::price, expenses.without_price, "0");
  return std::nullopt;
}

}  // namespace scenarios
