// What algorithms of one kind promise beyond what all do (contract_test.cpp).
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/optimizers/contract.h"

namespace {

using models::Metric;
using models::Precision;
using namespace optimizers_test;

/// Draws from its seed.
class Chance : public Contract {};

TEST_P(Chance, AnotherSeedOtherTrials) {
  const auto problem = this->problem();
  const auto goal = goal_of({Metric::latency_mean});
  EXPECT_NE(search(GetParam(), problem, goal, 7, small_budget).plans,
            search(GetParam(), problem, goal, 8, small_budget).plans);
}

/// Leaves nothing to chance.
class Certainty : public Contract {};

TEST_P(Certainty, AnotherSeedSameTrials) {
  const auto problem = this->problem();
  const auto goal = goal_of({Metric::latency_mean, Metric::energy});
  EXPECT_EQ(search(GetParam(), problem, goal, 7, small_budget).plans,
            search(GetParam(), problem, goal, 8, small_budget).plans);
}

/// Small problems of many kinds, so that exhaustive search answers at once.
std::vector<Shape> small_shapes() {
  return {
      {.operators = 6, .precisions = {Precision::fp16, Precision::int8}, .rank = false},
      {.operators = 5, .devices = 3},
      {.operators = 7, .requests = 5},
      {.operators = 4,
       .precisions = {Precision::fp16},
       .wires = {Precision::int8, Precision::int4}},
      {.operators = 9, .devices = 3, .rank = false},
  };
}

/// Goes on as long as it may, and gets better.
class Searching : public Contract {};

TEST_P(Searching, FindsTheOptimumOfSmallProblems) {
  for (const auto& shape : small_shapes())
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      const auto problem = random_problem(shape, seed);
      auto goal = goal_of({Metric::latency_mean, Metric::energy});
      goal.normalise(sim::make_evaluator(problem)->score(problem->first_plan()));
      const auto truth = search("exhaustive", problem, goal, 1, all_plans);
      const auto found = search(GetParam(), problem, goal, 1, 12000);
      EXPECT_DOUBLE_EQ(found.archive.best()->cost, truth.archive.best()->cost)
          << shape.operators << " operators, seed " << seed;
    }
}

/// Tries what `greedy` proposes before its own.
class FromGreedy : public Contract {};

TEST_P(FromGreedy, IsNeverWorseThanGreedy) {
  const auto problem = this->problem();
  for (const auto metric : {Metric::latency_mean, Metric::throughput, Metric::energy}) {
    const auto goal = goal_of({metric});
    const auto greedy = search("greedy", problem, goal, 1, 1000);
    const auto found = search(GetParam(), problem, goal, 1, 1000);
    EXPECT_LE(found.archive.best()->cost, greedy.archive.best()->cost) << about(metric).name;
  }
}

TEST_P(Searching, RespectsLimits) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const auto problem = random_problem(
        {.operators = 6, .precisions = {Precision::fp16, Precision::int8}, .rank = false}, seed);
    auto goal = goal_of({Metric::latency_mean});
    const auto freely = search("exhaustive", problem, goal, 1, all_plans);
    const auto thrifty = search("exhaustive", problem, goal_of({Metric::energy}), 1, all_plans);
    goal.limits.push_back({Metric::energy, 0.5 * freely.archive.best()->score.energy_joules +
                                               0.5 * thrifty.archive.best()->score.energy_joules});
    const auto truth = search("exhaustive", problem, goal, 1, all_plans);
    const auto found = search(GetParam(), problem, goal, 1, 12000);
    ASSERT_EQ(truth.archive.best()->violation, 0);
    EXPECT_EQ(found.archive.best()->violation, 0) << "seed " << seed;
    EXPECT_DOUBLE_EQ(found.archive.best()->cost, truth.archive.best()->cost) << "seed " << seed;
  }
}

TEST_P(Searching, FindsAPlanThatHoldsATightLimitBeforeItSeeksAFront) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U, 6U}) {
    const auto problem = random_problem(
        {.operators = 6, .precisions = {Precision::fp16, Precision::int8}, .rank = false}, seed);
    const auto thrifty = search("exhaustive", problem, goal_of({Metric::energy}), 1, all_plans);
    auto goal = goal_of({Metric::latency_mean, Metric::throughput}, true);
    goal.limits = {{Metric::energy, 1.01 * thrifty.archive.best()->score.energy_joules}};
    EXPECT_EQ(search(GetParam(), problem, goal, 1, 1000).archive.best()->violation, 0) << seed;
  }
}

TEST_P(Searching, FindsTheEndsOfTheFront) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const auto problem = random_problem(
        {.operators = 6, .precisions = {Precision::fp16, Precision::int8}, .rank = false}, seed);
    const auto goal = goal_of({Metric::latency_mean, Metric::energy}, true);
    const auto truth = search("exhaustive", problem, goal, 1, all_plans);
    const auto found = search(GetParam(), problem, goal, 1, 8000);
    const auto expected = truth.archive.front(), got = found.archive.front();
    EXPECT_EQ(got.front().values, expected.front().values) << "seed " << seed;
    EXPECT_EQ(got.back().values, expected.back().values) << "seed " << seed;
    EXPECT_GE(3 * got.size(), 2 * expected.size()) << "seed " << seed;
  }
}

class Construction : public Contract {};

TEST_P(Construction, ASmallBudgetCutsTheSamePlansShort) {
  const auto problem = rich();
  const auto goal = goal_of({Metric::latency_mean, Metric::energy});
  const auto whole = search(GetParam(), problem, goal, 1, small_budget).plans;
  EXPECT_LT(std::ssize(whole), small_budget);
  EXPECT_EQ(search(GetParam(), problem, goal, 1, 10 * small_budget).plans, whole);
  for (const std::int64_t budget : {0, 1, 2, 5, 10}) {
    const auto some = search(GetParam(), problem, goal, 1, budget).plans;
    EXPECT_EQ(std::ssize(some), std::min(budget, std::ssize(whole)));
    EXPECT_TRUE(std::equal(some.begin(), some.end(), whole.begin())) << budget;
  }
}

TEST_P(Construction, BeatsAlmostAllRandomPlans) {
  const auto problem = rich();
  for (const auto metric : {Metric::latency_mean, Metric::throughput, Metric::energy}) {
    const auto goal = goal_of({metric});
    std::vector<double> costs;
    for (const auto& score : search("random", problem, goal, 1, 1000).scores)
      costs.push_back(goal.cost(score));
    std::ranges::sort(costs);
    const auto found = search(GetParam(), problem, goal, 1, 1000);
    EXPECT_LT(found.archive.best()->cost, costs[10]) << about(metric).name;
  }
}

TEST_P(Construction, HoldsMostLimitsWhereThereIsRoom) {
  int held = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto problem = random_problem(
        {.operators = 6, .precisions = {Precision::fp16, Precision::int8}, .rank = false}, seed);
    auto goal = goal_of({Metric::latency_mean});
    const auto scores =
        search("exhaustive", problem, goal_of({Metric::energy}), 1, all_plans).scores;
    const auto [least, most] =
        std::ranges::minmax(scores, {}, [](const auto& score) { return score.energy_joules; });
    const double limit = 0.8 * least.energy_joules + 0.2 * most.energy_joules;
    goal.limits = {{Metric::energy, limit}};
    const auto found = search(GetParam(), problem, goal, 1, 1000);
    const auto& best = *found.archive.best();
    const auto again = sim::make_evaluator(problem)->score(best.plan);
    EXPECT_EQ(best.violation == 0, again.energy_joules <= limit) << seed;
    held += best.violation == 0 ? 1 : 0;
  }
  EXPECT_GE(held, 15) << "of 20";
}

const Names certain = {"greedy", "heft", "peft", "cpop", "beam", "integer", "exhaustive"};
const Names no_searches = constructions + Names{"integer", "random", "exhaustive"};

INSTANTIATE_TEST_SUITE_P(Optimizers, Chance, testing::ValuesIn(all_but(certain)), name_of);
INSTANTIATE_TEST_SUITE_P(Optimizers, Certainty, testing::ValuesIn(certain), name_of);
INSTANTIATE_TEST_SUITE_P(Optimizers, Searching, testing::ValuesIn(all_but(no_searches)), name_of);
INSTANTIATE_TEST_SUITE_P(Optimizers, FromGreedy,
                         testing::ValuesIn(all_but(no_searches) + Names{"integer"}), name_of);
INSTANTIATE_TEST_SUITE_P(Optimizers, Construction, testing::ValuesIn(constructions), name_of);

}  // namespace
