#include <gtest/gtest.h>

#include "optimizers/directions.h"
#include "optimizers/random_plan.h"
#include "tests/optimizers/searching.h"

namespace {

using models::Metric;
using models::Precision;
using models::Resource;
using optimizers::at;
using optimizers::Directions;
using optimizers::Graph;
using optimizers_test::goal_of;
using optimizers_test::random_problem;
using optimizers_test::search;

models::Plan after(models::Plan plan, const Directions::Step& step) {
  models::apply(plan, step.device);
  if (step.changes == 2) models::apply(plan, step.precision);
  return plan;
}

TEST(Local, MovesWorkOffTheBottleneck) {
  int off = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto problem = random_problem({.operators = 20, .devices = 3, .requests = 8}, seed);
    const Graph graph(*problem);
    const auto goal = goal_of({Metric::period_bound});
    const auto evaluator = sim::make_evaluator(problem);
    models::Random random(seed);
    models::Plan plan;
    optimizers::RandomPlans(*problem, graph).draw(random, plan);
    const auto score = evaluator->score(plan);
    Directions directions(*problem, goal, graph);
    std::vector<Directions::Step> steps;
    directions.find(plan, score, random, steps);
    for (std::size_t k = 0; k < steps.size(); ++k) {
      const auto& step = steps[k];
      const auto next = evaluator->score(after(plan, step));
      EXPECT_NEAR(step.gain, models::seconds(score.period_bound - next.period_bound), 1e-12)
          << "the gain is exact, seed " << seed;
      if (k > 0) {
        EXPECT_LE(step.gain, steps[k - 1].gain);
      }
      if (score.bottleneck.kind != Resource::Kind::device) continue;
      EXPECT_EQ(at(plan.device, step.device.index), score.bottleneck.index);
      ++off;
    }
  }
  EXPECT_GT(off, 20);
}

TEST(Local, ShortensTheCriticalPath) {
  int better = 0, all = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto problem = random_problem({.operators = 20, .devices = 3}, seed);
    const Graph graph(*problem);
    const auto goal = goal_of({Metric::latency_mean});
    const auto evaluator = sim::make_evaluator(problem);
    models::Random random(seed);
    models::Plan plan;
    optimizers::RandomPlans(*problem, graph).draw(random, plan);
    const auto score = evaluator->score(plan);
    std::vector<Directions::Step> steps;
    Directions(*problem, goal, graph).find(plan, score, random, steps);
    if (steps.empty()) continue;
    ++all;
    better += evaluator->score(after(plan, steps.front())).latency_mean < score.latency_mean;
  }
  EXPECT_GE(all, 15);
  EXPECT_GE(4 * better, 3 * all) << better << " of " << all;
}

/// The same with memories that hold a share of what one device would need, in hundredths.
std::shared_ptr<models::Problem> with_memory(const std::shared_ptr<const models::Problem>& problem,
                                             int percent) {
  auto tight = std::make_shared<models::Problem>(*problem);
  const auto all = sim::make_evaluator(problem)->score(problem->first_plan()).memory_bytes;
  for (auto& capacity : tight->capacity) capacity = all * percent / 100;
  return tight;
}

TEST(Repair, LeadsBackIntoMemory) {
  int led_back = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto problem = with_memory(random_problem({.operators = 30, .devices = 3}, seed), 70);
    const Graph graph(*problem);
    const auto goal = goal_of({Metric::latency_mean});
    const auto evaluator = sim::make_evaluator(problem);
    models::Random random(seed);
    Directions directions(*problem, goal, graph);
    auto plan = problem->first_plan();
    auto score = evaluator->score(plan);
    ASSERT_GT(score.memory_over, 0);
    for (int k = 0; k < 5 && score.memory_over > 0; ++k) {
      if (!directions.repair(score, random, plan)) break;
      ASSERT_NO_THROW(models::check_plan(*problem, plan));
      score = evaluator->score(plan);
    }
    led_back += score.memory_over == 0;
  }
  EXPECT_GE(led_back, 18);
}

TEST(Repair, LeadsBackUnderAnEnergyLimit) {
  const auto problem = random_problem({.operators = 30, .devices = 3}, 4);
  const Graph graph(*problem);
  auto goal = goal_of({Metric::latency_mean});
  const auto evaluator = sim::make_evaluator(problem);
  const auto thrifty = search("annealing", problem, goal_of({Metric::energy}), 1, 3000);
  const auto least = thrifty.archive.best()->score.energy_joules;
  models::Random random(1);
  models::Plan plan;
  optimizers::RandomPlans(*problem, graph).draw(random, plan);
  auto score = evaluator->score(plan);
  ASSERT_GT(score.energy_joules, 1.2 * least);
  goal.limits = {{Metric::energy, 0.5 * (least + score.energy_joules)}};
  Directions directions(*problem, goal, graph);
  for (int k = 0; k < 5 && goal.violation(score) > 0; ++k) {
    ASSERT_TRUE(directions.repair(score, random, plan));
    score = evaluator->score(plan);
  }
  EXPECT_EQ(goal.violation(score), 0);
}

TEST(Repair, LeavesAloneWhatHoldsAllLimits) {
  const auto problem = random_problem({.operators = 10, .devices = 3}, 4);
  const Graph graph(*problem);
  const auto goal = goal_of({Metric::latency_mean});
  auto plan = problem->first_plan();
  const auto before = plan;
  models::Random random(1);
  EXPECT_FALSE(Directions(*problem, goal, graph)
                   .repair(sim::make_evaluator(problem)->score(plan), random, plan));
  EXPECT_EQ(plan, before);
}

TEST(Local, FindsPlansThatFit) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto problem = with_memory(random_problem({.operators = 30, .devices = 3}, seed), 60);
    const auto found = search("local", problem, goal_of({Metric::latency_mean}), 1, 500);
    EXPECT_EQ(found.archive.best()->violation, 0) << "seed " << seed;
  }
}

}  // namespace
