#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "models/units.h"
#include "scenarios/described.h"
#include "scenarios/value.h"

namespace scenarios {

using models::About;
using models::Visitor;

namespace {

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const auto& entry : models::metrics()) names.emplace_back(entry.name);
  return names;
}

std::optional<models::Metric> metric_of(std::string_view key, Visitor& v) {
  const auto metric = models::find_metric(key);
  if (!metric)
    v.refuse(key, "'" + std::string(key) + "' is no metric" + suggestion(key, metric_names()) +
                      " ('list metrics' shows them all)");
  return metric;
}

/// A bound in the unit of its metric.
void describe_bound(std::string_view key, double& bound, models::Metric metric, Visitor& v) {
  const auto& entry = models::about(metric);
  const About about{.meaning = entry.meaning, .low = 0};
  if (entry.unit == "s") {
    models::Time time{};
    time = models::Time(std::llround(bound * 1e12));
    v.visit(key, time, about);
    bound = models::seconds(time);
  } else if (entry.unit == "B") {
    models::Bytes bytes{static_cast<std::int64_t>(bound)};
    v.visit(key, bytes, about);
    bound = static_cast<double>(bytes.count);
  } else if (entry.unit == "J") {
    v.quantity(key, bound, models::Dimension::energy, about);
  } else if (entry.unit == "/s") {
    v.quantity(key, bound, models::Dimension::frequency, about);
  } else {
    v.visit(key, bound, about);
  }
}

}  // namespace

void describe_objectives(models::Goal& goal, Visitor& v) {
  std::vector<std::string> keys;
  for (const auto& one : goal.objectives) keys.emplace_back(models::about(one.metric).name);
  v.table(
      "objectives", keys,
      {.meaning = "what is to be made better: metric and weight; standard: latency_mean",
       .optional = true},
      [&](std::size_t count) { goal.objectives.resize(count); },
      [&](Visitor& inner, std::size_t i) {
        auto& one = goal.objectives[i];
        one.metric = metric_of(keys[i], inner).value_or(one.metric);
        inner.visit(
            keys[i], one.weight,
            {.meaning = "weight in the sum that is minimised", .low = 0, .above_low = true});
      });
  if (goal.objectives.empty()) v.refuse("objectives", "give at least one metric");
  v.visit("pareto", goal.pareto,
          {.meaning = "keep all plans that are best in some way, not the least weighted sum",
           .optional = true});
}

void describe_limits(models::Goal& goal, Visitor& v) {
  std::vector<std::string> keys;
  for (const auto& one : goal.limits) keys.emplace_back(models::about(one.metric).name);
  v.table(
      "limits", keys,
      {.meaning = "what a plan must hold: metric and bound (throughput: at least, others: at most)",
       .optional = true},
      [&](std::size_t count) { goal.limits.resize(count); },
      [&](Visitor& inner, std::size_t i) {
        auto& one = goal.limits[i];
        one.metric = metric_of(keys[i], inner).value_or(one.metric);
        describe_bound(keys[i], one.bound, one.metric, inner);
      });
}

}  // namespace scenarios
