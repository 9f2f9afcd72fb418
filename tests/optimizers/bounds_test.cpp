#include "optimizers/bounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "models/error.h"
#include "models/index.h"
#include "tests/optimizers/searching.h"
#include "tests/optimizers/varied_problem.h"

namespace {

using models::at;
using models::Metric;
using optimizers_test::goal_of;
using optimizers_test::varied_problem;

constexpr double infinite = std::numeric_limits<double>::infinity();

/// The best value of every metric over all feasible plans; false if there are too many.
bool enumerate(const std::shared_ptr<const models::Problem>& problem,
               std::array<double, models::metric_count>& best) {
  const auto goal = goal_of({Metric::latency_mean});
  constexpr std::int64_t affordable = 3000;
  try {
    optimizers::make("exhaustive", {*problem, goal, 1, affordable});
  } catch (const models::InputError&) {
    return false;
  }
  const auto all = optimizers_test::search("exhaustive", problem, goal, 1, affordable);
  for (int i = 0; i < models::metric_count; ++i) {
    const bool small = models::about(static_cast<Metric>(i)).smaller_is_better;
    at(best, i) = small ? infinite : -infinite;
    for (const auto& score : all.scores) {
      if (!score.feasible()) continue;
      const double value = score.value(static_cast<Metric>(i));
      at(best, i) = small ? std::min(at(best, i), value) : std::max(at(best, i), value);
    }
  }
  return std::ranges::any_of(all.scores, [](const auto& score) { return score.feasible(); });
}

TEST(Bounds, NoPlanBeatsThem) {
  constexpr int cases = 200;
  int tried = 0;
  std::array<double, models::metric_count> reached{};  // mean share of the optimum
  for (std::uint64_t seed = 1; tried < cases; ++seed) {
    const auto problem = varied_problem(seed);
    std::array<double, models::metric_count> best{};
    if (!enumerate(problem, best)) continue;
    ++tried;
    for (int i = 0; i < models::metric_count; ++i) {
      const auto metric = static_cast<Metric>(i);
      const auto bound = optimizers::bound_of(*problem, metric);
      const auto& entry = models::about(metric);
      if (entry.smaller_is_better)
        EXPECT_LE(bound.value, at(best, i)) << entry.name << ", " << bound.from << ", " << seed;
      else
        EXPECT_GE(bound.value, at(best, i)) << entry.name << ", " << bound.from << ", " << seed;
      const double low = std::min(bound.value, at(best, i));
      const double high = std::max(bound.value, at(best, i));
      at(reached, i) += (high > 0 ? low / high : 1) / cases;
    }
  }
  for (int i = 0; i < models::metric_count; ++i)
    printf("%s %g\n", std::string(models::about((Metric)i).name).c_str(), reached[i]);
  // They are worth something too.
  const auto share = [&](Metric metric) { return at(reached, static_cast<int>(metric)); };
  EXPECT_GT(share(Metric::latency_mean), 0.5);
  EXPECT_GT(share(Metric::throughput), 0.5);
  EXPECT_GT(share(Metric::period_bound), 0.5);
  EXPECT_GT(share(Metric::energy), 0.5);
  EXPECT_GT(share(Metric::memory), 0.6);
  EXPECT_GT(share(Metric::accuracy_loss), 0.9);
}

TEST(Bounds, OfAWeightedGoalIsTheSum) {
  const auto problem = varied_problem(5);
  auto goal = goal_of({Metric::latency_mean, Metric::energy});
  goal.objectives[0].weight = 2;
  goal.objectives[1].scale = 4;
  const auto bounds = optimizers::bounds_of(*problem, goal);
  ASSERT_EQ(bounds.objectives.size(), 2U);
  EXPECT_NEAR(bounds.cost, 2 * bounds.objectives[0].value + bounds.objectives[1].value / 4,
              1e-8 * bounds.cost);
  EXPECT_EQ(bounds.from,
            std::string(bounds.objectives[0].from) + "; " + std::string(bounds.objectives[1].from));
}

TEST(Bounds, GapIsTheShareThatMayBeLeft) {
  EXPECT_DOUBLE_EQ(models::gap(4, 3), 0.25);
  EXPECT_DOUBLE_EQ(models::gap(4, 4), 0);
  EXPECT_DOUBLE_EQ(models::gap(4, 5), 0);
  EXPECT_DOUBLE_EQ(models::gap(0, 0), 0);
  EXPECT_DOUBLE_EQ(models::gap(4, 0), 1);
}

}  // namespace
