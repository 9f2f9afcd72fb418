#include "sim/parallel_evaluator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <set>
#include <stdexcept>
#include <thread>

#include "optimizers/move_mix.h"
#include "optimizers/random_plan.h"
#include "sim/split.h"
#include "sim/static_evaluator.h"
#include "tests/optimizers/small_problem.h"

namespace {

using models::Batch;
using models::Score;

/// A batch with a base for each of `runs`, and so many neighbours of it.
struct Trials {
  Trials(const models::Problem& problem, std::initializer_list<int> runs, std::uint64_t seed)
      : graph(problem), plans(runs.size()) {
    models::Random random(seed);
    optimizers::Mover mover(problem, graph);
    optimizers::MoveMix mix(mover);
    optimizers::RandomPlans drawer(problem, graph);
    std::vector<std::int32_t> position;
    for (const int run : runs) {
      auto& plan = plans[batch.bases.size()];
      drawer.draw(random, plan);
      optimizers::positions(plan, position);
      for (int k = 0; k < run; ++k) {
        const auto begin = static_cast<int>(batch.changes.size());
        if (k > 0) mix.draw({plan, position, {}}, random, batch.changes);
        batch.trials.push_back(
            {static_cast<int>(batch.bases.size()), begin, static_cast<int>(batch.changes.size())});
      }
      batch.bases.push_back(&plan);
    }
  }
  Batch batch;
  optimizers::Graph graph;
  std::vector<models::Plan> plans;
};

std::vector<std::int64_t> scored(models::Evaluator& evaluator, const Batch& batch) {
  std::vector<Score> scores(batch.trials.size());
  evaluator.score(batch, scores);
  std::vector<std::int64_t> times;
  for (const auto& score : scores)
    times.insert(times.end(),
                 {score.latency_mean.count(), score.makespan.count(), score.period_bound.count(),
                  score.transferred_bytes, std::bit_cast<std::int64_t>(score.energy_joules)});
  return times;
}

TEST(ParallelEvaluator, ScoresAsOneThreadDoes) {
  const auto problem = optimizers_test::random_problem(
      {.operators = 60,
       .devices = 3,
       .precisions = {models::Precision::fp16, models::Precision::int8},
       .wires = {models::Precision::int8},
       .requests = 3},
      4);
  const auto make = [&] { return sim::make_evaluator(problem); };
  const auto one = make();
  for (const std::size_t threads : {2U, 3U, 8U}) {
    const auto several = sim::make_parallel_evaluator(make, threads);
    for (std::uint64_t seed = 1; seed <= 60; ++seed)
      for (const auto& runs :
           {std::initializer_list<int>{64}, {1, 1, 1, 1, 1, 1}, {16, 3, 40, 9}, {1}, {}}) {
        const Trials trials(*problem, runs, seed);
        EXPECT_EQ(scored(*several, trials.batch), scored(*one, trials.batch))
            << threads << " threads, seed " << seed;
      }
    const auto plan = problem->first_plan();
    EXPECT_EQ(several->score(plan).makespan, one->score(plan).makespan);
  }
}

/// Notes who scores, and takes its time.
class Slow final : public models::Evaluator {
 public:
  explicit Slow(std::chrono::microseconds time) : time_(time) {}
  Score score(const models::Plan&) override { return {}; }
  void score(const Batch& batch, std::span<Score> scores) override {
    // Asleep it needs no core, so that all threads have their turn on any machine.
    if (time_.count() > 0) std::this_thread::sleep_for(time_ * batch.trials.size());
    for (auto& score : scores) {
      score.requests =
          static_cast<std::int64_t>(std::hash<std::thread::id>()(std::this_thread::get_id()));
      if (batch.changes.size() == 13) throw std::runtime_error("unlucky");
    }
  }

 private:
  std::chrono::microseconds time_;
};

/// The least and the most threads that scored one of some batches.
std::pair<std::size_t, std::size_t> threads_used(std::chrono::microseconds time, int trials) {
  const auto evaluator =
      sim::make_parallel_evaluator([&] { return std::make_unique<Slow>(time); }, 4);
  const models::Plan plan;
  Batch batch;
  batch.bases = {&plan};
  batch.trials.resize(static_cast<std::size_t>(trials));
  std::vector<Score> scores(batch.trials.size());
  evaluator->score(batch, scores);  // only now it knows what a trial costs
  std::pair<std::size_t, std::size_t> used = {99, 0};
  for (int k = 0; k < 5; ++k) {
    evaluator->score(batch, scores);
    std::set<std::int64_t> who;
    for (const auto& score : scores) who.insert(score.requests);
    used = {std::min(used.first, who.size()), std::max(used.second, who.size())};
  }
  return used;
}

TEST(ParallelEvaluator, UsesItsThreadsWhereThereIsEnoughToDo) {
  using std::chrono::microseconds;
  EXPECT_EQ(threads_used(microseconds(3000), 64).second, 4U);
  EXPECT_EQ(threads_used(microseconds(10000), 2).second, 2U);
  EXPECT_EQ(threads_used(microseconds(200), 1).second, 1U);
  EXPECT_EQ(threads_used(microseconds(0), 4).first, 1U);
}

TEST(ParallelEvaluator, HandsOnWhatAWorkerThrows) {
  const auto evaluator = sim::make_parallel_evaluator(
      [] { return std::make_unique<Slow>(std::chrono::microseconds(100)); }, 2);
  const models::Plan plan;
  Batch batch;
  batch.bases = {&plan};
  batch.trials.resize(16);
  std::vector<Score> scores(16);
  evaluator->score(batch, scores);
  batch.changes.resize(13);
  batch.trials.back() = {0, 0, 13};
  EXPECT_THROW(evaluator->score(batch, scores), std::runtime_error);
  batch.trials.back() = {};
  EXPECT_NO_THROW(evaluator->score(batch, scores));
}

std::vector<std::size_t> parts_of(const std::vector<int>& runs, std::size_t parts) {
  Batch batch;
  for (const int run : runs) {
    for (int k = 0; k < run; ++k)
      batch.trials.push_back({static_cast<int>(batch.bases.size()), 0, 0});
    batch.bases.push_back(nullptr);
  }
  std::vector<std::size_t> ends;
  sim::split(batch, parts, ends);
  return ends;
}

TEST(ParallelEvaluator, SplitsEvenlyAndKeepsNeighboursTogether) {
  using Ends = std::vector<std::size_t>;
  EXPECT_EQ(parts_of({16}, 2), (Ends{8, 16}));
  EXPECT_EQ(parts_of({100}, 2), (Ends{48, 100}));    // lanes stay full
  EXPECT_EQ(parts_of({12}, 2), (Ends{6, 12}));       // at the price of balance they do not
  EXPECT_EQ(parts_of({21, 20}, 2), (Ends{21, 41}));  // a base each
  EXPECT_EQ(parts_of({1, 1, 1, 1}, 2), (Ends{2, 4}));
  EXPECT_EQ(parts_of({8, 1, 1, 1, 1}, 2), (Ends{8, 12}));  // neighbours cost half as much
  EXPECT_EQ(parts_of({30}, 3), (Ends{10, 20, 30}));
  EXPECT_EQ(parts_of({}, 2), (Ends{0, 0}));
  for (int a = 0; a < 40; ++a)
    for (int b = 0; b < 12; ++b)
      for (const std::size_t parts : {2U, 3U, 5U}) {
        const auto ends = parts_of({a, b, 1, a}, parts);
        EXPECT_TRUE(std::is_sorted(ends.begin(), ends.end()));
        EXPECT_EQ(ends.back(), static_cast<std::size_t>(2 * a + b + 1));
      }
}

}  // namespace
