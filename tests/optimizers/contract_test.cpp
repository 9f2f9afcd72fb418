// What every algorithm of the catalogue promises.
#include "tests/optimizers/contract.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>

#include "models/error.h"
#include "models/units.h"

namespace {

using models::Metric;
using models::Precision;
using namespace optimizers_test;

TEST_P(Contract, SameSeedSameTrials) {
  const auto problem = this->problem();
  const auto goal = goal_of({Metric::latency_mean, Metric::energy});
  EXPECT_EQ(search(GetParam(), problem, goal, 7, small_budget).plans,
            search(GetParam(), problem, goal, 7, small_budget).plans);
}

TEST_P(Contract, StaysInsideTheProblem) {
  const auto problem = this->problem();
  for (const bool pareto : {false, true}) {
    const auto found =
        search(GetParam(), problem, goal_of({Metric::latency_mean, Metric::energy}, pareto), 1,
               small_budget);
    ASSERT_FALSE(found.plans.empty());
    for (const auto& plan : found.plans) {
      ASSERT_NO_THROW(models::check_plan(*problem, plan));
      for (int op = 0; op < problem->operators; ++op) {
        const auto k = static_cast<std::size_t>(op);
        const auto options = problem->options(op);
        ASSERT_TRUE(std::any_of(options.begin(), options.end(), [&](const auto& option) {
          return option.device == plan.device[k] && option.precision == plan.precision[k];
        })) << problem->operator_name(op);
      }
      for (const auto wire : plan.wire)
        ASSERT_TRUE(std::count(problem->wire_option.begin(), problem->wire_option.end(), wire));
      for (std::size_t link = 0; link < plan.lanes.size(); ++link)
        ASSERT_TRUE(std::count(problem->lane_option.begin() + problem->lane_begin[link],
                               problem->lane_option.begin() + problem->lane_begin[link + 1],
                               plan.lanes[link]));
    }
  }
}

TEST_P(Contract, KeepsTheOrderAndTheWidthsThatAreFixed) {
  const auto problem = random_problem({.operators = 8, .rank = false, .lanes = false}, 11);
  const auto found = search(GetParam(), problem, goal_of({Metric::latency_mean}), 1, small_budget);
  ASSERT_FALSE(found.plans.empty());
  for (const auto& plan : found.plans) {
    EXPECT_EQ(plan.order, problem->first_plan().order);
    EXPECT_EQ(plan.lanes, problem->first_plan().lanes);
  }
}

TEST_P(Contract, UsesNoMoreThanItsBudget) {
  const auto problem = this->problem();
  for (const std::int64_t budget : {0, 1, 7, 100, 1001}) {
    if (is("exhaustive") && budget < 512) {  // there are so many plans
      EXPECT_THROW(search(GetParam(), problem, goal_of({Metric::latency_mean}), 1, budget),
                   models::InputError);
      continue;
    }
    const auto found = search(GetParam(), problem, goal_of({Metric::latency_mean}), 1, budget);
    EXPECT_LE(static_cast<std::int64_t>(found.plans.size()), budget);
    if (!constructs() && !is("exhaustive")) {
      EXPECT_EQ(static_cast<std::int64_t>(found.plans.size()), budget);
    }
  }
}

TEST_P(Contract, ResumesByRetelling) {
  const auto problem = this->problem();
  for (const bool pareto : {false, true}) {
    const auto goal = goal_of({Metric::latency_mean, Metric::energy}, pareto);
    const auto whole = search(GetParam(), problem, goal, 5, small_budget);
    auto half = whole.scores;
    half.resize(half.size() / 2);
    const auto resumed = search(GetParam(), problem, goal, 5, small_budget, half);
    EXPECT_EQ(resumed.plans, whole.plans);
  }
}

/// A search that is written down and read back after every `stride` batches.
struct Broken {
  std::vector<models::Plan> plans;
  std::vector<std::string> states;
  std::string archive;
};

std::string written(auto& thing) {
  optimizers::State state;
  state(thing);
  return state.bytes();
}

Broken broken_search(const std::string& name, const std::shared_ptr<const models::Problem>& problem,
                     const models::Goal& goal, std::int64_t budget, int stride) {
  const optimizers::Task task{*problem, goal, 5, budget, {problem->first_plan()}};
  const auto evaluator = sim::make_evaluator(problem);
  auto optimizer = optimizers::make(name, task);
  std::optional<optimizers::Archive> archive(std::in_place, goal);
  models::Batch batch;
  std::vector<models::Score> scores;
  Broken broken;
  for (int turn = 1;; ++turn) {
    optimizer->ask(batch);
    if (batch.trials.empty()) break;
    scores.resize(batch.trials.size());
    evaluator->score(batch, scores);
    for (std::size_t k = 0; k < scores.size(); ++k) {
      broken.plans.push_back(batch.plan(k));
      archive->offer(batch, k, scores[k]);
    }
    optimizer->tell(batch, scores);
    if (stride == 0 || turn % stride != 0) continue;
    broken.states.push_back(written(*optimizer));
    const auto kept = written(*archive);
    optimizers::State reading(broken.states.back()), reading_archive(kept);
    optimizer = optimizers::make(name, task);
    optimizer->keep(reading);
    EXPECT_TRUE(reading.at_end());
    archive.emplace(goal);
    archive->keep(reading_archive);
  }
  for (const auto& member : archive->front()) {
    broken.archive += std::to_string(member.trial) + ":";
    for (const double value : member.values) broken.archive += models::shortest(value) + " ";
    EXPECT_EQ(member.plan, broken.plans[static_cast<std::size_t>(member.trial)]);
  }
  broken.archive += "best " + std::to_string(archive->best()->trial) + " of " +
                    std::to_string(archive->offered());
  return broken;
}

TEST_P(Contract, GoesOnFromItsStateAsIfItHadNeverStopped) {
  const auto problem = this->problem();
  for (const bool pareto : {false, true}) {
    const auto goal = goal_of({Metric::latency_mean, Metric::energy}, pareto);
    const auto whole = broken_search(GetParam(), problem, goal, small_budget, 0);
    for (const int stride : {1, 2, 7}) {
      const auto broken = broken_search(GetParam(), problem, goal, small_budget, stride);
      EXPECT_EQ(broken.plans, whole.plans) << stride << (pareto ? " front" : "");
      EXPECT_EQ(broken.archive, whole.archive) << stride;
    }
  }
}

TEST_P(Contract, RefusesADamagedState) {
  const auto problem = this->problem();
  const auto goal = goal_of({Metric::latency_mean});
  const auto states = broken_search(GetParam(), problem, goal, small_budget, 1).states;
  ASSERT_FALSE(states.empty());
  models::Random random(3);
  for (int k = 0; k < 300; ++k) {
    auto state = states[static_cast<std::size_t>(random.below(std::ssize(states)))];
    const auto where = static_cast<std::size_t>(random.below(std::ssize(state)));
    if (k % 2 == 0)
      state.resize(where);
    else
      state[where] = static_cast<char>(state[where] ^ (1 << random.below(8)));
    const auto optimizer =
        optimizers::make(GetParam(), {*problem, goal, 5, small_budget, {problem->first_plan()}});
    const auto read = [&] {
      optimizers::State reading(state);
      optimizer->keep(reading);
    };
    EXPECT_THROW(read(), models::InputError);
  }
}

TEST_P(Contract, TriesThePlansToStartFromFirst) {
  const auto problem = this->problem();
  const auto goal = goal_of({Metric::latency_mean});
  const auto start = search("random", problem, goal, 12, 5).plans;
  const auto optimizer = optimizers::make(
      GetParam(), {*problem, goal, 5, is("exhaustive") ? all_plans : small_budget, start});
  models::Batch batch;
  optimizer->ask(batch);
  ASSERT_GE(batch.trials.size(), start.size());
  for (std::size_t k = 0; k < start.size(); ++k) EXPECT_EQ(batch.plan(k), start[k]);
}

TEST_P(Contract, EndsOnAProblemWithOnePlan) {
  const auto problem =
      random_problem({.operators = 3, .devices = 1, .rank = false, .lanes = false}, 2);
  const auto found = search(GetParam(), problem, goal_of({Metric::latency_mean}), 1, 50);
  EXPECT_GE(found.plans.size(), 1U);
  EXPECT_LE(found.plans.size(), 50U);
}

TEST_P(Contract, HoldsALimitThatAnyPlanHoldsAndNoneThatNoPlanHolds) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const auto problem = random_problem(
        {.operators = 4, .precisions = {Precision::fp16, Precision::int8}, .rank = false}, seed);
    const auto scores =
        search("exhaustive", problem, goal_of({Metric::energy}), 1, all_plans).scores;
    const auto [least, most] =
        std::ranges::minmax(scores, {}, [](const auto& score) { return score.energy_joules; });
    auto goal = goal_of({Metric::latency_mean});
    goal.limits = {{Metric::energy, most.energy_joules}};
    EXPECT_EQ(search(GetParam(), problem, goal, 1, 600).archive.best()->violation, 0);
    goal.limits = {{Metric::energy, 0.99 * least.energy_joules}};
    const auto found = search(GetParam(), problem, goal, 1, 600);
    EXPECT_GE(found.archive.best()->violation, 0.01) << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Optimizers, Contract, testing::ValuesIn(all_but({})), name_of);

}  // namespace
