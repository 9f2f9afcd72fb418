#include <gtest/gtest.h>

#include "tests/optimizers/searching.h"

namespace {

using models::Metric;
using models::Precision;
using optimizers_test::goal_of;
using optimizers_test::random_problem;
using optimizers_test::search;

TEST(Tempering, FindsTheOptimumOfHundredSmallProblems) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const auto problem =
        seed % 2 == 0
            ? random_problem({.operators = 6, .devices = 3, .rank = false, .lanes = false}, seed)
            : random_problem(
                  {.operators = 5, .precisions = {Precision::fp16, Precision::int8}, .requests = 4},
                  seed);
    const auto goal = goal_of({seed % 4 < 2 ? Metric::latency_mean : Metric::throughput});
    const auto truth = search("exhaustive", problem, goal, 1, 200'000);
    const auto best = search("tempering", problem, goal, seed, 3000).archive.best()->cost;
    EXPECT_GE(best, truth.archive.best()->cost);
    found += best == truth.archive.best()->cost;
  }
  EXPECT_GE(found, 99);
}

/// Replicas at several temperatures ask for several bases at once.
TEST(Tempering, BatchesAreWideAndHaveABasePerReplica) {
  const auto problem = random_problem({.operators = 30, .devices = 3}, 2);
  const auto goal = goal_of({Metric::latency_mean});
  const auto optimizer = optimizers::make("tempering", {*problem, goal, 1, 2000});
  const auto evaluator = sim::make_evaluator(problem);
  models::Batch batch;
  std::vector<models::Score> scores;
  std::size_t bases = 0;
  for (optimizer->ask(batch); !batch.trials.empty(); optimizer->ask(batch)) {
    bases = std::max(bases, batch.bases.size() < batch.trials.size() ? batch.bases.size() : 0);
    scores.resize(batch.trials.size());
    evaluator->score(batch, scores);
    optimizer->tell(batch, scores);
  }
  EXPECT_EQ(bases, 6U);
}

}  // namespace
