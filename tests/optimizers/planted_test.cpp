#include "tests/optimizers/planted.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "sim/parallel_evaluator.h"
#include "tests/optimizers/searching.h"

namespace {

using optimizers_test::planted;
using optimizers_test::PlantedShape;
using optimizers_test::search;

TEST(Planted, PlanHasThePeriodItClaims) {
  for (const auto& shape : {PlantedShape{}, PlantedShape{.operators = 2000, .devices = 8},
                            PlantedShape{.operators = 40, .devices = 5, .kinds = 2, .towers = 2}})
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      const auto made = planted(shape, seed);
      ASSERT_NO_THROW(models::check_plan(*made.problem, made.plan));
      const auto score = sim::make_evaluator(made.problem)->score(made.plan);
      EXPECT_TRUE(score.feasible());
      EXPECT_EQ(score.period_bound, made.period);
    }
}

TEST(Planted, NoPlanIsBetter) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
    const auto made = planted({.operators = 9, .devices = 3, .kinds = 2, .towers = 2}, seed);
    auto choices = made.problem->choices;
    choices.rank = false;
    const auto problem = models::make_problem(made.problem->network, made.problem->platform,
                                              made.problem->streams[0].workload(), choices);
    const auto found = optimizers_test::search("exhaustive", problem, made.goal, 1, 100'000);
    EXPECT_EQ(found.archive.best()->score.period_bound, made.period) << "seed " << seed;
  }
}

TEST(Planted, FastestDevicesAreNotTheAnswer) {
  const auto made = planted({}, 1);
  auto plan = made.problem->first_plan();
  for (int op = 0; op < made.problem->operators; ++op) {
    std::int64_t least = INT64_MAX;
    for (const auto option : made.problem->options(op)) {
      const auto time =
          made.problem->duration[made.problem->cost_index(op, option.device, option.precision)];
      if (time >= least) continue;
      least = time;
      plan.device[static_cast<std::size_t>(op)] = option.device;
    }
  }
  EXPECT_GT(sim::make_evaluator(made.problem)->score(plan).period_bound, 5 * made.period);
}

/// Large problems are searched in wider batches.
TEST(Planted, SearchesOfLargeProblemsAreTheSameOnAnyNumberOfThreads) {
  const auto made = planted({.operators = 2200, .devices = 8}, 1);
  for (const std::string name : {"annealing", "tempering"}) {
    const auto alone = search(name, made.problem, made.goal, 1, 200).scores;
    const auto optimizer = optimizers::make(name, {*made.problem, made.goal, 1, 200});
    const auto evaluator =
        sim::make_parallel_evaluator([&] { return sim::make_evaluator(made.problem); }, 3);
    models::Batch batch;
    std::vector<models::Score> scores;
    std::size_t scored = 0, widest = 0;
    for (optimizer->ask(batch); !batch.trials.empty(); optimizer->ask(batch)) {
      scores.assign(batch.trials.size(), {});
      evaluator->score(batch, scores);
      for (const auto& score : scores) {
        ASSERT_LT(scored, alone.size());
        EXPECT_EQ(score.period_bound, alone[scored].period_bound) << name << ", trial " << scored;
        EXPECT_EQ(score.memory_over, alone[scored].memory_over) << name << ", trial " << scored;
        ++scored;
      }
      optimizer->tell(batch, scores);
      if (scored > scores.size()) widest = std::max(widest, scores.size());
    }
    EXPECT_EQ(scored, alone.size()) << name;
    EXPECT_GE(widest, 4U) << name;
  }
}

}  // namespace
