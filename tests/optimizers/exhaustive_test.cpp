#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "models/error.h"
#include "optimizers/count.h"
#include "optimizers/orders.h"
#include "tests/optimizers/searching.h"

namespace {

using models::Metric;
using models::Precision;
using optimizers_test::goal_of;
using optimizers_test::random_problem;
using optimizers_test::search;

std::string refusal(const models::Problem& problem, std::int64_t budget) {
  const auto goal = goal_of({Metric::latency_mean});
  try {
    optimizers::make("exhaustive", {problem, goal, 1, budget});
  } catch (const models::InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Exhaustive, TriesEveryPlanOnce) {
  const auto problem = random_problem({.operators = 5, .devices = 3, .rank = true}, 4);
  const optimizers::Graph graph(*problem);
  bool exact = false;
  const auto orders = optimizers::Orders::count(graph, problem->operators, exact);
  ASSERT_TRUE(exact);
  const auto found = search("exhaustive", problem, goal_of({Metric::latency_mean}), 1, 2'000'000);
  // 3 devices for 5 operators, 2 widths for 3 links.
  EXPECT_EQ(found.plans.size(), 243 * 8 * orders.number());
  auto plans = found.plans;
  const auto key = [](const models::Plan& plan) {
    return std::tie(plan.device, plan.precision, plan.order, plan.wire, plan.lanes);
  };
  std::sort(plans.begin(), plans.end(),
            [&](const auto& a, const auto& b) { return key(a) < key(b); });
  EXPECT_EQ(std::adjacent_find(plans.begin(), plans.end()), plans.end());
}

TEST(Exhaustive, IsBeatenByNothingThatWasDrawn) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
    const auto problem = random_problem(
        {.operators = 6, .precisions = {Precision::fp16, Precision::int8}, .rank = false}, seed);
    auto goal = goal_of({Metric::latency_mean, Metric::energy}, true);
    const auto drawn = search("random", problem, goal, seed, 3000);
    goal.limits = {{Metric::energy, drawn.scores[seed].energy_joules}};
    const auto found = search("exhaustive", problem, goal, 1, 200'000);
    EXPECT_EQ(found.archive.best()->violation, 0);
    const auto front = found.archive.front();
    for (const auto& score : drawn.scores) {
      if (goal.violation(score) > 0) continue;
      EXPECT_LE(found.archive.best()->cost, goal.cost(score));
      EXPECT_TRUE(std::ranges::any_of(front, [&](const auto& member) {
        return member.score.latency_mean <= score.latency_mean &&
               member.score.energy_joules <= score.energy_joules;
      })) << seed;
    }
  }
}

TEST(Exhaustive, RefusesALargeSpaceSayingHowLarge) {
  const auto problem = random_problem({.operators = 40, .rank = false}, 1);
  EXPECT_EQ(refusal(*problem, 1000),
            "exhaustive search would have to try 2199023255552 plans, and its limit is 2000000: "
            "1099511627776 placements and precisions x 1 orders x 2 link widths; bind operators "
            "with rules, allow fewer precisions or wire formats, or do not search rank or lanes");
}

TEST(Exhaustive, RefusesABudgetThatDoesNotReach) {
  const auto problem = random_problem({.operators = 6, .rank = false}, 1);
  EXPECT_EQ(refusal(*problem, 100),
            "exhaustive search has to try 128 plans, and its budget is 100 evaluations; raise the "
            "budget to 128");
  EXPECT_EQ(refusal(*problem, 128), "");
}

TEST(Exhaustive, CountsOrdersAsItWalksThem) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
    const auto problem = random_problem({.operators = 8}, seed);
    const optimizers::Graph graph(*problem);
    optimizers::Orders orders(graph, problem->operators);
    std::uint64_t walked = 1;
    auto before = orders.order();
    for (; orders.next(); ++walked) {
      EXPECT_LT(before, orders.order());
      before = orders.order();
    }
    bool exact = false;
    EXPECT_EQ(optimizers::Orders::count(graph, problem->operators, exact).text(),
              std::to_string(walked));
    EXPECT_TRUE(exact);
  }
}

TEST(Count, IsExactOrRounded) {
  optimizers::Count count = 1;
  for (int k = 0; k < 63; ++k) count *= 2;
  EXPECT_EQ(count.text(), "9223372036854775808");
  count *= 4;
  EXPECT_EQ(count.text(), "3.7e19");
  count += count;
  EXPECT_EQ(count.text(), "7.4e19");
  for (int k = 0; k < 1000; ++k) count *= 1000;
  EXPECT_EQ(count.text(), "7.4e3019");
  EXPECT_TRUE(count.more_than(5));
}

}  // namespace
