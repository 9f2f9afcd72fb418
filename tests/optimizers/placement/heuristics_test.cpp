#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "models/placement/generate.h"
#include "models/random.h"
#include "optimizers/placement/search.h"
#include "optimizers/placement/solver.h"
#include "tests/optimizers/placement/random_placement.h"

namespace optimizers {
namespace {

using models::PlacementProblem;

/// What every heuristic for placement keeps to.
class PlacementHeuristic : public ::testing::TestWithParam<const char*> {
 protected:
  const PlacementEntry& entry() const { return find_placement(GetParam()); }
};

std::string name_of(const ::testing::TestParamInfo<const char*>& info) {
  return info.param;
}

PlacementTask task_of(const PlacementProblem& problem, std::int64_t budget) {
  PlacementTask task{problem};
  task.budget = budget;
  return task;
}

PlacementProblem medium_problem(bool latency, std::uint64_t seed) {
  models::Random random(seed);
  testing::RandomPlacement shape;
  shape.nodes = 60;
  shape.accelerators = 4;
  shape.cpus = 1;
  shape.unsupported = shape.tight_memory = shape.colours = true;
  shape.latency = latency;
  return testing::random_placement(random, shape);
}

TEST_P(PlacementHeuristic, FindsTheBestOfSmallProblems) {
  int problems = 0, missed = 0;
  for (const bool latency : {false, true})
    for (const bool contiguous : {false, true}) {
      if (latency && contiguous) continue;
      testing::for_random_placements(3, 25, latency,
                                     [&](const PlacementProblem& problem, int round) {
                                       const auto best = testing::best_of_all(problem, contiguous);
                                       auto task = task_of(problem, 10'000);
                                       task.contiguous = contiguous;
                                       const auto answer = entry().solve(task);
                                       ASSERT_EQ(answer.found(), best.has_value()) << round;
                                       if (!best) return;
                                       ++problems;
                                       EXPECT_GE(answer.value, *best);
                                       missed += answer.value > *best;
                                       EXPECT_LE(answer.lower_bound, *best);
                                     });
    }
  EXPECT_GT(problems, 45);
  // Chains of single moves alone do not reach everything; the others do.
  EXPECT_LE(missed, std::string_view(GetParam()) == "local" ? problems / 10 : 0);
}

TEST_P(PlacementHeuristic, ToldValuesAreOfTheToldPlacementsAndOnlyGetBetter) {
  for (const bool latency : {false, true})
    for (const bool contiguous : {false, true}) {
      if (latency && contiguous) continue;
      const auto problem = medium_problem(latency, 5);
      auto task = task_of(problem, 20'000);
      task.contiguous = contiguous;
      PlacementAnswer last;
      task.improved = [&](const PlacementAnswer& answer) {
        EXPECT_GE(answer.lower_bound, last.lower_bound);
        EXPECT_LE(answer.value, last.value);
        if (answer.found()) {
          const auto score = models::evaluate(problem, answer.placement);
          EXPECT_TRUE(score.valid) << score.fault;
          EXPECT_EQ(score.value, answer.value);
          EXPECT_TRUE(!contiguous || models::is_contiguous(problem, answer.placement));
        }
        last = answer;
      };
      const auto answer = entry().solve(task);
      ASSERT_TRUE(answer.found());
      EXPECT_EQ(answer.value, last.value);
      EXPECT_EQ(answer.placement, last.placement);
    }
}

TEST_P(PlacementHeuristic, SameSeedSameAnswerWithinTheBudget) {
  for (const bool latency : {false, true}) {
    const auto problem = medium_problem(latency, 6);
    for (const std::int64_t budget : {1, 100, 3'000, 30'000}) {
      const auto one = entry().solve(task_of(problem, budget));
      const auto two = entry().solve(task_of(problem, budget));
      EXPECT_EQ(one.placement, two.placement);
      EXPECT_EQ(one.effort, two.effort);
      EXPECT_LE(one.effort, budget);
    }
  }
}

TEST_P(PlacementHeuristic, IsNeverWorseThanWhatItStartsFrom) {
  for (const bool latency : {false, true}) {
    const auto problem = medium_problem(latency, 7);
    const auto good = entry().solve(task_of(problem, 50'000));
    auto task = task_of(problem, 500);
    task.seed = 9;
    task.start = {good.placement};
    EXPECT_LE(entry().solve(task).value, good.value);
  }
}

TEST_P(PlacementHeuristic, EndsSoonAfterItIsToldToStop) {
  for (const bool latency : {false, true}) {
    const auto problem = medium_problem(latency, 8);
    PlacementTask task{problem};
    int asked = 0;
    task.stop = [&] { return ++asked > 100; };
    const auto answer = entry().solve(task);
    EXPECT_TRUE(answer.found());
    EXPECT_LT(answer.effort, 10'000'000);
  }
}

INSTANTIATE_TEST_SUITE_P(All, PlacementHeuristic,
                         ::testing::Values("annealing", "local", "portfolio"), name_of);

TEST(PlacementSearch, IsRefusedWhereItsCountsWouldTakeTooMuchMemory) {
  const auto problem =
      models::make_placement_problem(models::parse_placement_recipe("nodes=100000,devices=9999"));
  const std::string why =
      "its 100000 nodes on 10000 devices would take more than 4 GB of memory; take fewer devices "
      "(--devices, --cpus), or 'greedy'";
  const auto task = task_of(problem, 100);
  EXPECT_EQ(find_placement("annealing").refusal(task), why);
  EXPECT_EQ(find_placement("local").refusal(task), why);
  const auto answer = find_placement("portfolio").solve(task);
  EXPECT_TRUE(answer.found());
  EXPECT_EQ(answer.notes, std::vector<std::string>{"only 'greedy' took part: " + why});
}

/// Where one move takes long, a search is halted within its slice.
TEST(PlacementSearch, IsHaltedWithinASlice) {
  for (const bool latency : {false, true}) {
    const auto problem = models::make_placement_problem(
        models::parse_placement_recipe("nodes=20000,devices=4"),
        latency ? PlacementProblem::Objective::latency : PlacementProblem::Objective::throughput);
    const PlacementNets nets(problem);
    for (const auto make : {make_annealing, make_local}) {
      const auto search = make({problem, nets, 1, false});
      int asked = 0;
      constexpr std::int64_t slice = 100'000;
      const auto used = search->run(
          slice, [] { return false; }, [&] { return ++asked > 2; });
      EXPECT_EQ(asked, 3);
      EXPECT_LE(used, 4 * moves_per_question(problem.groups()) + 100);
    }
  }
}

}  // namespace
}  // namespace optimizers
