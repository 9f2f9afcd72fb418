#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "tests/optimizers/planted.h"
#include "tests/optimizers/searching.h"

namespace {

using models::Metric;
using models::Plan;
using models::Problem;
using optimizers_test::goal_of;
using optimizers_test::search;

/// A random network on devices joined by links a thousand times as wide as usual.
std::shared_ptr<const Problem> widely_linked(int operators, int devices, std::uint64_t seed) {
  models::Random random(seed);
  const auto network = optimizers_test::random_network(operators, random);
  auto platform = std::make_shared<models::Platform>(
      *optimizers_test::random_platform({.devices = devices}, random));
  for (auto& link : platform->links) link.lane_rate.value *= 1000;
  return models::make_problem(network, platform, {}, {});
}

/// The best that the optimizer proposes with the parameter `width`.
double best_cost(const std::shared_ptr<const Problem>& problem, const models::Goal& goal,
                 double width) {
  const auto optimizer = optimizers::find("beam").make({*problem, goal, 1, 1000}, {width});
  const auto evaluator = sim::make_evaluator(problem);
  optimizers::Archive archive(goal);
  models::Batch batch;
  for (optimizer->ask(batch); !batch.trials.empty(); optimizer->ask(batch)) {
    std::vector<models::Score> scores(batch.trials.size());
    evaluator->score(batch, scores);
    for (std::size_t k = 0; k < scores.size(); ++k) {
      models::check_plan(*problem, batch.plan(k));
      archive.offer(batch, k, scores[k]);
    }
    optimizer->tell(batch, scores);
  }
  EXPECT_EQ(archive.best()->violation, 0);
  return archive.best()->cost;
}

/// Whether the devices can be put into a line such that nothing is sent backwards.
bool is_contiguous(const Problem& problem, const Plan& plan) {
  std::vector<int> rank(static_cast<std::size_t>(problem.devices));
  std::iota(rank.begin(), rank.end(), 0);
  const auto goes_forward = [&](int tensor) {
    const auto maker = problem.producer[static_cast<std::size_t>(tensor)];
    if (maker < 0) return true;
    const auto from = rank[plan.device[static_cast<std::size_t>(maker)]];
    for (auto k = problem.reader_begin[static_cast<std::size_t>(tensor)];
         k < problem.reader_begin[static_cast<std::size_t>(tensor) + 1]; ++k) {
      const auto reader = problem.reader[static_cast<std::size_t>(k)];
      if (rank[plan.device[static_cast<std::size_t>(reader)]] < from) return false;
    }
    return true;
  };
  do {
    bool all = true;
    for (int tensor = 0; tensor < problem.tensors && all; ++tensor) all = goes_forward(tensor);
    if (all) return true;
  } while (std::next_permutation(rank.begin(), rank.end()));
  return false;
}

double best_contiguous(const std::shared_ptr<const Problem>& problem, const models::Goal& goal) {
  const auto evaluator = sim::make_evaluator(problem);
  auto plan = problem->first_plan();
  double least = 1e300;
  std::size_t next = 0;
  std::fill(plan.device.begin(), plan.device.end(), 0);
  while (next < plan.device.size()) {
    if (is_contiguous(*problem, plan)) least = std::min(least, goal.cost(evaluator->score(plan)));
    for (next = 0; next < plan.device.size(); ++next) {
      if (++plan.device[next] < problem->devices) break;
      plan.device[next] = 0;
    }
  }
  return least;
}

TEST(Beam, WideOnesFindTheBestContiguousDivision) {
  const auto goal = goal_of({Metric::period_bound});
  for (int seed = 1; seed <= 16; ++seed) {
    const int devices = 2 + seed % 2;
    const auto problem = widely_linked(5 + seed % 3, devices, static_cast<std::uint64_t>(seed));
    const double least = best_contiguous(problem, goal);
    EXPECT_NEAR(best_cost(problem, goal, 5000), least, 1e-9 * least) << "seed " << seed;
  }
}

double mean_cost(Metric metric, double width) {
  const auto goal = goal_of({metric});
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const auto problem = widely_linked(30, 3, seed);
    const auto first = sim::make_evaluator(problem)->score(problem->first_plan());
    sum += best_cost(problem, goal, width) / goal.cost(first);
  }
  return sum / 30;
}

TEST(Beam, WiderIsNotWorseOnAverage) {
  for (const auto metric : {Metric::period_bound, Metric::latency_mean}) {
    const double narrow = mean_cost(metric, 1), middle = mean_cost(metric, 8);
    EXPECT_LT(middle, narrow) << about(metric).name;
    EXPECT_LE(mean_cost(metric, 64), middle) << about(metric).name;
  }
  EXPECT_LT(mean_cost(Metric::energy, 64), mean_cost(Metric::energy, 1));
}

TEST(Beam, ProposesTheSameAgain) {
  const auto problem = widely_linked(25, 3, 7);
  const auto goal = goal_of({Metric::period_bound, Metric::latency_mean});
  const auto once = search("beam", problem, goal, 1, 100).plans;
  EXPECT_EQ(search("beam", problem, goal, 2, 100).plans, once);
  EXPECT_GE(once.size(), 16U);
}

TEST(Beam, ComesNearPlantedPeriods) {
  const auto made = optimizers_test::planted({.operators = 1500, .devices = 20}, 1);
  EXPECT_LE(best_cost(made.problem, made.goal, 32), 1.3);
}

TEST(Beam, HoldsTheWeightsWhereTheyFit) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const auto made = optimizers_test::planted({.operators = 300, .devices = 6}, seed);
    for (const auto metric : {Metric::period_bound, Metric::latency_mean, Metric::energy})
      best_cost(made.problem, goal_of({metric}), 32);
  }
}

}  // namespace
