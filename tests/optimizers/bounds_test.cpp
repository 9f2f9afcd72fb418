#include "optimizers/bounds/bounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
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

/// The scores of all feasible plans; false if there are none or too many.
bool enumerate(const std::shared_ptr<const models::Problem>& problem,
               std::vector<models::Score>& scores) {
  const auto goal = goal_of({Metric::latency_mean});
  constexpr std::int64_t affordable = 3000;
  try {
    optimizers::make("exhaustive", {*problem, goal, 1, affordable});
  } catch (const models::InputError&) {
    return false;
  }
  scores = optimizers_test::search("exhaustive", problem, goal, 1, affordable).scores;
  std::erase_if(scores, [](const auto& score) { return !score.feasible(); });
  return !scores.empty();
}

/// The best value of every metric over all plans.
std::array<double, models::metric_count> best_of(const std::vector<models::Score>& scores) {
  std::array<double, models::metric_count> best{};
  for (int i = 0; i < models::metric_count; ++i) {
    const bool small = models::about(static_cast<Metric>(i)).smaller_is_better;
    at(best, i) = small ? infinite : -infinite;
    for (const auto& score : scores) {
      const double value = score.value(static_cast<Metric>(i));
      at(best, i) = small ? std::min(at(best, i), value) : std::max(at(best, i), value);
    }
  }
  return best;
}

TEST(Bounds, NoPlanBeatsThem) {
  constexpr int cases = 200;
  int tried = 0;
  std::array<double, models::metric_count> reached{};  // mean share of the optimum
  for (std::uint64_t seed = 1; tried < cases; ++seed) {
    const auto problem = varied_problem(seed);
    std::vector<models::Score> scores;
    if (!enumerate(problem, scores)) continue;
    ++tried;
    const auto best = best_of(scores);
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
  // They are worth something too.
  const auto share = [&](Metric metric) { return at(reached, static_cast<int>(metric)); };
  EXPECT_GT(share(Metric::latency_mean), 0.5);
  EXPECT_GT(share(Metric::throughput), 0.5);
  EXPECT_GT(share(Metric::period_bound), 0.5);
  EXPECT_GT(share(Metric::energy), 0.5);
  EXPECT_GT(share(Metric::memory), 0.6);
  EXPECT_GT(share(Metric::accuracy_loss), 0.9);
}

TEST(Bounds, NoPlanBeatsThoseOfWeightedSums) {
  constexpr int cases = 200;
  int tried = 0;
  double share = 0;
  for (std::uint64_t seed = 1000; tried < cases; ++seed) {
    const auto problem = varied_problem(seed);
    models::Random random(seed);
    auto goal = goal_of({Metric::energy, Metric::latency_mean, Metric::throughput,
                         Metric::transferred_bytes, Metric::memory});
    std::vector<models::Score> scores;
    if (!enumerate(problem, scores)) continue;
    ++tried;
    goal.normalise(scores.front());
    for (auto& objective : goal.objectives) objective.weight = static_cast<double>(random.below(4));
    if (random.chance(0.5)) {
      const auto& some = scores[static_cast<std::size_t>(random.below(std::ssize(scores)))];
      goal.limits = {{Metric::accuracy_loss, some.accuracy_loss},
                     {Metric::energy, some.energy_joules}};
    }
    double best = infinite;
    for (const auto& score : scores)
      if (goal.violation(score) == 0) best = std::min(best, goal.cost(score));
    const auto bound = optimizers::bounds_of(*problem, goal).cost;
    EXPECT_LE(bound, best) << seed;
    share += (best > 0 ? bound / best : 1) / cases;
  }
  EXPECT_GT(share, 0.55);
}

TEST(Bounds, OfAWeightedGoalAreNotBelowTheSum) {
  const auto problem = varied_problem(5);
  auto goal = goal_of({Metric::latency_mean, Metric::energy});
  goal.objectives[0].weight = 2;
  goal.objectives[1].scale = 4;
  const auto bounds = optimizers::bounds_of(*problem, goal);
  ASSERT_EQ(bounds.objectives.size(), 2U);
  EXPECT_GE(bounds.cost * (1 + 1e-8),
            2 * bounds.objectives[0].value + bounds.objectives[1].value / 4);
  EXPECT_NE(bounds.from.find(bounds.objectives[0].from), std::string::npos);
  EXPECT_NE(bounds.from.find(bounds.objectives[1].from), std::string::npos);
}

TEST(Bounds, GapIsTheShareThatMayBeLeft) {
  EXPECT_DOUBLE_EQ(models::gap(4, 3), 0.25);
  EXPECT_DOUBLE_EQ(models::gap(4, 4), 0);
  EXPECT_DOUBLE_EQ(models::gap(4, 5), 0);
  EXPECT_DOUBLE_EQ(models::gap(0, 0), 0);
  EXPECT_DOUBLE_EQ(models::gap(4, 0), 1);
}

}  // namespace
