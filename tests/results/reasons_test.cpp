#include "results/reasons.h"

#include <gtest/gtest.h>

namespace results {
namespace {

StoredPlan plan_of(double milliseconds, double millijoules, std::int64_t bytes,
                   std::vector<std::uint16_t> devices) {
  StoredPlan stored;
  stored.plan.device = std::move(devices);
  stored.score.latency_mean = models::Time(static_cast<std::int64_t>(milliseconds * 1e9));
  stored.score.energy_joules = millijoules / 1000;
  stored.score.memory_bytes = bytes;
  stored.objectives = {milliseconds / 1000, millijoules / 1000};
  stored.pareto = true;
  return stored;
}

models::Goal latency_and_energy() {
  models::Goal goal;
  goal.objectives = {{.metric = models::Metric::latency_mean}, {.metric = models::Metric::energy}};
  return goal;
}

TEST(Reasons, SayOfEveryPlanOfTheFrontWhyItIsThere) {
  std::vector<StoredPlan> plans = {plan_of(1, 40, 6 << 20, {0, 1}), plan_of(2, 30, 6 << 20, {0, 1}),
                                   plan_of(3, 12, 6 << 20, {0, 1}), plan_of(9, 10, 4 << 20, {0, 0}),
                                   plan_of(9, 50, 1 << 20, {1, 1})};
  plans.back().pareto = false;
  Names names;
  names.devices = {"npu", "gpu"};
  give_reasons(plans, latency_and_energy(), names);
  EXPECT_EQ(plans[0].reason, "least latency_mean");
  EXPECT_EQ(plans[1].reason, "least latency_mean at energy up to 30 mJ");
  EXPECT_EQ(plans[2].reason, "knee: nearest to the best of all");
  EXPECT_EQ(plans[3].reason,
            "least energy; the only one without 'gpu'; the only one that fits into 4 MiB");
  EXPECT_EQ(plans[4].reason, "");
}

TEST(Reasons, AreTrueOfThreeObjectives) {
  auto goal = latency_and_energy();
  goal.objectives.push_back({.metric = models::Metric::throughput});
  std::vector<StoredPlan> plans = {plan_of(1, 40, 1, {0}), plan_of(2, 30, 1, {0}),
                                   plan_of(4, 10, 1, {0}), plan_of(3, 35, 1, {0}),
                                   plan_of(2.5, 31, 1, {0})};
  const double seconds[] = {4, 3, 4, 1, 1.5};
  for (std::size_t i = 0; i < plans.size(); ++i) {
    plans[i].objectives.push_back(seconds[i]);
    plans[i].score.makespan = models::Time(static_cast<std::int64_t>(seconds[i] * 1e12));
  }
  give_reasons(plans, goal, {});
  EXPECT_EQ(plans[0].reason, "least latency_mean");
  EXPECT_EQ(plans[2].reason, "least energy");
  EXPECT_EQ(plans[3].reason, "most throughput");
  EXPECT_EQ(plans[1].reason, "least latency_mean at energy up to 30 mJ");
}

TEST(Reasons, OfPlansThatMissALimit) {
  std::vector<StoredPlan> plans = {plan_of(1, 1, 1, {0})};
  plans[0].violation = 0.5;
  give_reasons(plans, latency_and_energy(), {});
  EXPECT_EQ(plans[0].reason, "misses what is asked by the least");
}

}  // namespace
}  // namespace results
