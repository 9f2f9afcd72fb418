// Searches that are made of other searches.
#include <gtest/gtest.h>

#include <algorithm>

#include "optimizers/bandit.h"
#include "tests/optimizers/searching.h"

namespace {

using models::Metric;
using models::Precision;
using optimizers::Bandit;
using optimizers_test::goal_of;
using optimizers_test::random_problem;
using optimizers_test::search;

TEST(Bandit, TriesEverybodyAndThenMostlyWhoGains) {
  Bandit bandit(3, 0.3);
  std::vector<int> chosen(3);
  for (int k = 0; k < 60; ++k) {
    const auto arm = bandit.choose();
    if (k < 3) {
      EXPECT_EQ(arm, static_cast<std::size_t>(k));
    }
    ++chosen[arm];
    bandit.learn(arm, arm == 1 ? 1e-6 : 0);  // the unit does not matter
  }
  EXPECT_GT(chosen[1], 40);
  EXPECT_GT(chosen[0], 2);
  EXPECT_GT(chosen[2], 2);
}

TEST(Bandit, NoticesWhenSomebodyElseGains) {
  Bandit bandit(2, 0.3);
  std::vector<int> late(2);
  for (int k = 0; k < 100; ++k) {
    const auto arm = bandit.choose();
    bandit.learn(arm, arm == (k < 50 ? 0U : 1U) ? 1 : 0);
    if (k >= 65) ++late[arm];
  }
  EXPECT_GT(late[1], late[0]);
}

TEST(Bandit, SharesEvenlyWhereNobodyGains) {
  Bandit bandit(4, 0.3);
  std::vector<int> chosen(4);
  for (int k = 0; k < 100; ++k) {
    const auto arm = bandit.choose();
    ++chosen[arm];
    bandit.learn(arm, 0);
  }
  EXPECT_LE(*std::ranges::max_element(chosen) - *std::ranges::min_element(chosen), 2);
}

std::shared_ptr<const models::Problem> middling(std::uint64_t seed) {
  return random_problem({.operators = 40,
                         .devices = 3,
                         .precisions = {Precision::fp16, Precision::int8},
                         .wires = {Precision::int8},
                         .requests = 4},
                        seed);
}

/// Members side by side, each with its part of the effort, are what the portfolio is held against.
TEST(Portfolio, IsHardlyWorseThanTheBestOfItsMembersAtTheSumOfTheirEfforts) {
  constexpr std::int64_t effort = 4000;
  double sum = 0;
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U, 6U}) {
    const auto problem = middling(seed);
    auto goal = goal_of({Metric::throughput});
    double best = 1e300;
    for (const auto* member : {"annealing", "tempering", "islands", "heft"})
      best = std::min(best, search(member, problem, goal, seed, effort).archive.best()->cost);
    const double own = search("portfolio", problem, goal, seed, 4 * effort).archive.best()->cost;
    EXPECT_LE(own, 1.02 * best) << "seed " << seed;
    sum += own / best;
  }
  EXPECT_LE(sum / 6, 1.0);
}

TEST(Portfolio, FindsAFrontAsWideAsThatOfItsMembers) {
  const auto problem = middling(7);
  const auto goal = goal_of({Metric::latency_mean, Metric::energy}, true);
  const auto own = search("portfolio", problem, goal, 1, 12'000);
  const auto other = search("annealing", problem, goal, 1, 4000);
  EXPECT_LE(own.archive.front().front().values[0], 1.01 * other.archive.front().front().values[0]);
  EXPECT_LE(own.archive.front().back().values[1], 1.01 * other.archive.front().back().values[1]);
}

std::vector<models::Plan> trials_of(const optimizers::Entry& entry,
                                    const optimizers::Settings& settings, int batches,
                                    bool receives) {
  const auto problem = middling(1);
  const auto goal = goal_of({Metric::throughput});
  const auto evaluator = sim::make_evaluator(problem);
  const auto optimizer = entry.make({*problem, goal, 1, 100'000}, settings);
  auto best = search("annealing", problem, goal, 2, 5000).archive;
  std::vector<models::Plan> plans;
  models::Batch batch;
  for (int k = 0; k < batches; ++k) {
    optimizer->ask(batch);
    std::vector<models::Score> scores(batch.trials.size());
    evaluator->score(batch, scores);
    for (std::size_t i = 0; i < scores.size(); ++i) plans.push_back(batch.plan(i));
    optimizer->tell(batch, scores);
    if (receives && k == 0) optimizer->receive(best.best()->plan, best.best()->score);
  }
  return plans;
}

TEST(Islands, GoTheirOwnWayUntilTheyExchangePlans) {
  const auto& islands = optimizers::find("islands");
  const auto often = trials_of(islands, {3, 16, 4, 2}, 6, false);
  const auto never = trials_of(islands, {3, 16, 1000, 2}, 6, false);
  ASSERT_EQ(often.size(), never.size());
  const auto first =
      static_cast<std::size_t>(std::ranges::mismatch(often, never).in1 - often.begin());
  const auto last = often.size() - 3 * 16;
  EXPECT_LT(first, often.size());
  EXPECT_GE(first, last - 3 * 16) << "the first four generations are the same";
}

TEST(Searches, UseWhatTheyReceive) {
  for (const auto* name : {"genetic", "islands"}) {
    const auto& entry = optimizers::find(name);
    optimizers::Settings settings;
    for (const auto& parameter : entry.parameters) settings.push_back(parameter.standard);
    EXPECT_NE(trials_of(entry, settings, 3, true), trials_of(entry, settings, 3, false)) << name;
  }
}

}  // namespace
