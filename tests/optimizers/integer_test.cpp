#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "models/error.h"
#include "optimizers/plan_programme.h"
#include "tests/optimizers/searching.h"
#include "tests/optimizers/varied_problem.h"

namespace {

using models::Metric;
using optimizers_test::goal_of;
using optimizers_test::search;
using optimizers_test::varied_problem;

/// Runs the search and answers its bound with what it found.
struct Found {
  double bound = 0;
  double best = 0;
};
Found integer(const std::shared_ptr<const models::Problem>& problem, const models::Goal& goal) {
  const auto optimizer = optimizers::make("integer", {*problem, goal, 1, 1000});
  const auto evaluator = sim::make_evaluator(problem);
  optimizers::Archive archive(goal);
  models::Batch batch;
  std::vector<models::Score> scores;
  for (optimizer->ask(batch); !batch.trials.empty(); optimizer->ask(batch)) {
    scores.resize(batch.trials.size());
    evaluator->score(batch, scores);
    for (std::size_t k = 0; k < scores.size(); ++k) archive.offer(batch, k, scores[k]);
    optimizer->tell(batch, scores);
  }
  return {optimizer->lower_bound(), archive.best()->cost};
}

/// The bound without whole numbers.
double relaxed(const models::Problem& problem, const models::Goal& goal) {
  optimizers::MetricBounds bounds(problem);
  const auto relaxation = *optimizers::relaxation_of(bounds, goal);
  return relaxation.fixed + optimizers::joint_bound(bounds.costs(), bounds.forest(),
                                                    relaxation.base, relaxation.times,
                                                    relaxation.allowances);
}

TEST(Integer, NoPlanBeatsItsBoundWhichIsAtLeastTheRelaxedOne) {
  constexpr int cases = 100;
  constexpr std::int64_t affordable = 3000;
  int tried = 0, tight = 0;
  for (std::uint64_t seed = 9000; tried < cases; ++seed) {
    const auto problem = varied_problem(seed);
    models::Random random(seed);
    auto goal = goal_of({Metric::energy, Metric::latency_mean, Metric::throughput});
    for (auto& objective : goal.objectives) objective.weight = static_cast<double>(random.below(3));
    try {
      optimizers::make("exhaustive", {*problem, goal, 1, affordable});
    } catch (const models::InputError&) {
      continue;
    }
    goal.normalise(sim::make_evaluator(problem)->score(problem->first_plan()));
    const auto all = search("exhaustive", problem, goal, 1, affordable);
    if (all.archive.best()->violation > 0) continue;
    ++tried;
    const auto found = integer(problem, goal);
    const double optimum = all.archive.best()->cost;
    EXPECT_LE(found.bound, optimum) << seed;
    EXPECT_GE(found.bound, relaxed(*problem, goal) * (1 - 1e-5)) << seed;
    EXPECT_GE(found.best, optimum) << seed;
    tight += found.best <= optimum * 1.01 ? 1 : 0;
  }
  EXPECT_GT(tight, 70);
}

TEST(Integer, ProvesTheOptimumWhereNothingIsLeftOut) {
  constexpr double tolerance = 2e-6;  // of the solver, and what is taken off for it
  for (const int devices : {2, 3})
    for (const auto metric : {Metric::period_bound, Metric::transferred_bytes})
      for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto problem = optimizers_test::random_problem(
            {.operators = 6, .devices = devices, .rank = false, .lanes = false}, seed);
        const auto goal = goal_of({metric});
        const double optimum = search("exhaustive", problem, goal, 1, 1000).archive.best()->cost;
        const auto found = integer(problem, goal);
        EXPECT_LE(found.bound, optimum) << about(metric).name << ", seed " << seed;
        EXPECT_GE(found.bound, optimum * (1 - tolerance))
            << about(metric).name << ", seed " << seed;
        EXPECT_LE(found.best, optimum * (1 + tolerance)) << about(metric).name << ", seed " << seed;
      }
}

TEST(Integer, NoPlanBeatsItsBoundInOneMetricAlone) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto problem = optimizers_test::random_problem(
        {.operators = 5,
         .precisions = {models::Precision::fp16, models::Precision::int8},
         .rank = false,
         .lanes = false,
         .requests = 3},
        seed);
    for (int m = 0; m < models::metric_count; ++m) {
      const auto metric = static_cast<Metric>(m);
      const auto goal = goal_of({metric});
      std::optional<Found> found;
      try {
        found = integer(problem, goal);
      } catch (const models::InputError&) {
        continue;  // it takes none of them
      }
      const auto truth = search("exhaustive", problem, goal, 1, 10'000);
      EXPECT_LE(found->bound, truth.archive.best()->cost)
          << about(metric).name << ", seed " << seed;
    }
  }
}

TEST(Integer, StartsFromAPlanThatItUnderstands) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U}) {
    const auto problem = varied_problem(seed);
    const auto goal = goal_of({Metric::latency_mean, Metric::energy, Metric::period_bound});
    optimizers::MetricBounds bounds(*problem);
    const auto relaxed = optimizers::relaxation_of(bounds, goal);
    ASSERT_TRUE(relaxed);
    const optimizers::PlanProgramme programme(bounds, *relaxed);
    const auto values = programme.solution(problem->first_plan());
    if (values.empty()) continue;
    const auto& p = programme.programme();
    double cost = 0;
    for (std::size_t c = 0; c < values.size(); ++c) {
      EXPECT_GE(values[c], p.columns[c].low);
      EXPECT_LE(values[c], p.columns[c].high);
      cost += values[c] * p.columns[c].cost;
    }
    for (std::size_t row = 0; row < p.row_low.size(); ++row) {
      double sum = 0;
      for (auto t = p.row_begin[row]; t < p.row_begin[row + 1]; ++t)
        sum += p.terms[static_cast<std::size_t>(t)].factor *
               values[static_cast<std::size_t>(p.terms[static_cast<std::size_t>(t)].column)];
      EXPECT_GE(sum, p.row_low[row] - 1e-9) << seed << " row " << row;
      // What does not fit is another matter.
      const bool is_allowance = p.row_high[row] == 1 && p.row_low[row] < 1;
      EXPECT_TRUE(is_allowance || sum <= p.row_high[row] + 1e-9);
    }
    // Its own relaxed cost is not above what the plan really costs.
    const auto score = sim::make_evaluator(problem)->score(problem->first_plan());
    EXPECT_LE(programme.cost(cost), goal.cost(score) * (1 + 1e-9));
  }
}

TEST(Integer, RefusesLargeProblems) {
  const auto problem = optimizers_test::random_problem({.operators = 4000, .devices = 2}, 1);
  const auto goal = goal_of({Metric::latency_mean});
  try {
    optimizers::make("integer", {*problem, goal, 1, 1000});
    FAIL();
  } catch (const models::InputError& error) {
    EXPECT_EQ(std::string(error.what()),
              "'integer' is for small problems: this one makes a programme of 50688 columns, and "
              "its limit is 5000; use 'portfolio', or raise the parameter 'columns'");
  }
}

}  // namespace
