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
void describe_bound(std::string_view key, double& bound, models::Metric metric, Visitor& v,
                    bool above_zero = false) {
  const auto& entry = models::about(metric);
  const About about{.meaning = entry.meaning, .low = 0, .above_low = above_zero};
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
  } else if (entry.unit == "mm2") {
    v.quantity(key, bound, models::Dimension::area, about);
  } else {
    v.visit(key, bound, about);
  }
}

void describe_penalty(models::Goal::Penalty& penalty, Visitor& v) {
  const bool smaller = models::about(penalty.metric).smaller_is_better;
  describe_bound(smaller ? "above" : "below", penalty.threshold, penalty.metric, v, true);
  v.visit("weight", penalty.weight,
          {.meaning = "what being twice the threshold costs; standard: 1",
           .low = 0,
           .optional = true,
           .above_low = true});
}

/// Which differences a front leaves out.
void describe_epsilon(models::Goal& goal, Visitor& v) {
  std::vector<std::string> keys;
  for (const auto& one : goal.objectives)
    if (one.epsilon > 0) keys.emplace_back(models::about(one.metric).name);
  v.table(
      "epsilon", keys,
      {.meaning = "of objectives: values that differ by less than this part count as alike on the "
                  "front; standard: 0",
       .optional = true},
      [](std::size_t) {},
      [&](Visitor& inner, std::size_t i) {
        double unused = 0;
        double* value = &unused;
        for (auto& one : goal.objectives)
          if (models::about(one.metric).name == keys[i]) value = &one.epsilon;
        inner.visit(keys[i], *value, {.meaning = "part of the value", .low = 0, .high = 1});
        if (value == &unused) inner.refuse(keys[i], "is none of the objectives");
      });
  if (!keys.empty() && !goal.pareto)
    v.refuse("epsilon", "thins out a front, and none is asked for; set 'pareto: true'");
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
  describe_epsilon(goal, v);
}

void describe_penalties(models::Goal& goal, Visitor& v) {
  std::vector<std::string> keys;
  for (const auto& one : goal.penalties) keys.emplace_back(models::about(one.metric).name);
  v.table(
      "penalties", keys,
      {.meaning = "what a plan may do, but at a cost: metric, threshold and weight",
       .optional = true},
      [&](std::size_t count) { goal.penalties.resize(count); },
      [&](Visitor& inner, std::size_t i) {
        auto& one = goal.penalties[i];
        const auto metric = metric_of(keys[i], inner);
        one.metric = metric.value_or(one.metric);
        inner.group(keys[i], true, {.meaning = models::about(one.metric).meaning},
                    [&](Visitor& of_metric, std::size_t) { describe_penalty(one, of_metric); });
      });
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
