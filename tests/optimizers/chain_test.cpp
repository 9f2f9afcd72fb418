#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/optimizers/planted.h"
#include "tests/optimizers/searching.h"

namespace {

using models::Metric;
using optimizers_test::goal_of;
using optimizers_test::search;

/// Operators one after the other, on devices that are all joined to each other.
std::shared_ptr<const models::Problem> chain_problem(int operators, int devices,
                                                     std::uint64_t seed) {
  models::Random random(seed);
  auto network = optimizers_test::random_network(operators, random);
  int made = network->inputs[0];
  for (auto& op : network->operators) {
    op.inputs = {made, op.inputs.back()};
    made = op.outputs[0];
  }
  network->outputs = {made};
  auto platform = optimizers_test::random_platform({.devices = devices}, random);
  return models::make_problem(network, platform, {}, {});
}

/// Calls visit with each assignment of devices to positions.
void visit_assignments(models::Plan plan, int devices, bool contiguous,
                       const std::function<void(const models::Plan&)>& visit) {
  std::function<void(std::size_t, unsigned)> go = [&](std::size_t k, unsigned used) {
    if (k == plan.device.size()) {
      visit(plan);
      return;
    }
    for (int d = 0; d < devices; ++d) {
      const bool again = k > 0 && plan.device[k - 1] == d;
      if (contiguous && !again && (used >> d & 1U) != 0) continue;
      plan.device[k] = static_cast<std::uint16_t>(d);
      go(k + 1, used | 1U << d);
    }
  };
  go(0, 0);
}

double least_cost(const models::Problem& problem, const models::Goal& goal,
                  models::Evaluator& evaluator, bool contiguous) {
  double least = 1e300;
  visit_assignments(problem.first_plan(), problem.devices, contiguous, [&](const auto& plan) {
    least = std::min(least, goal.cost(evaluator.score(plan)));
  });
  return least;
}

TEST(Chain, FindsTheBestContiguousPeriodOfChains) {
  const auto goal = goal_of({Metric::period_bound});
  for (int seed = 1; seed <= 12; ++seed) {
    const int devices = 2 + seed % 2;
    const auto problem = chain_problem(4 + seed % 4, devices, static_cast<std::uint64_t>(seed));
    const auto evaluator = sim::make_evaluator(problem);
    EXPECT_NEAR(search("chain", problem, goal, 1, 100).archive.best()->cost,
                least_cost(*problem, goal, *evaluator, true), 1e-11)
        << "seed " << seed;
  }
}

TEST(Chain, FindsTheBestLatencyOfChains) {
  const auto goal = goal_of({Metric::latency_mean});
  for (int seed = 1; seed <= 12; ++seed) {
    const int devices = 2 + seed % 2;
    const auto problem = chain_problem(4 + seed % 4, devices, static_cast<std::uint64_t>(seed));
    const auto evaluator = sim::make_evaluator(problem);
    EXPECT_NEAR(search("chain", problem, goal, 1, 100).archive.best()->cost,
                least_cost(*problem, goal, *evaluator, false), 1e-11)
        << "seed " << seed;
  }
}

TEST(Chain, CutsPlantedNetworksWhereTheyWerePlanted) {
  const auto made = optimizers_test::planted({.operators = 5000, .devices = 64}, 2);
  const auto found = search("chain", made.problem, made.goal, 1, 2);
  EXPECT_EQ(found.archive.best()->violation, 0);
  EXPECT_LE(found.archive.best()->cost, 1.03);
}

TEST(Chain, LeavesADeviceThatIsFull) {
  auto made = optimizers_test::planted(
      {.operators = 60, .devices = 4, .kinds = 1, .towers = 1, .tight_memory = false}, 3);
  auto platform = std::make_shared<models::Platform>(*made.problem->platform);
  std::int64_t weights = 0;
  for (const auto& tensor : made.problem->network->tensors)
    if (tensor.role == models::Tensor::Role::weight) weights += 4 * tensor.elements();
  for (auto& device : platform->devices) device.memory = {weights / 2 + 5'000'000};
  const auto problem = models::make_problem(made.problem->network, platform, {}, {});
  EXPECT_EQ(
      search("chain", problem, goal_of({Metric::latency_mean}), 1, 1).archive.best()->violation, 0);
}

TEST(Chain, HasAPlanWhereNoCutFitsIntoMemory) {
  const auto made = optimizers_test::planted(
      {.operators = 60, .devices = 4, .kinds = 1, .towers = 1, .tight_memory = false}, 3);
  auto platform = std::make_shared<models::Platform>(*made.problem->platform);
  for (auto& device : platform->devices) device.memory = {1};
  const auto problem = models::make_problem(made.problem->network, platform, {}, {});
  const auto found = search("chain", problem, goal_of({Metric::throughput}), 1, 10);
  for (const auto& plan : found.plans) EXPECT_NO_THROW(models::check_plan(*problem, plan));
  EXPECT_GT(found.archive.best()->violation, 0);
}

}  // namespace
