#include "optimizers/placement/bounds.h"

#include <gtest/gtest.h>

#include "optimizers/placement/barriers.h"
#include "optimizers/placement/division.h"
#include "optimizers/placement/latency_bound.h"
#include "optimizers/placement/minimum_cut.h"
#include "optimizers/placement/reduction.h"
#include "optimizers/placement/solver.h"
#include "tests/optimizers/placement/random_placement.h"

namespace optimizers {
namespace {

using models::at;
using models::Time;

TEST(PlacementBounds, AreNeverAboveTheOptimum) {
  int checked = 0;
  for (const bool latency : {false, true})
    testing::for_random_placements(1, 100, latency, [&](const auto& problem, int round) {
      const auto best = testing::best_of_all(problem);
      if (!best) return;
      ++checked;
      const auto bound = placement_bound(problem);
      EXPECT_LE(bound.value, *best) << bound.name << " in round " << round;
      if (latency) return;
      EXPECT_LE(work_over_speed(problem), *best) << round;
      EXPECT_LE(unavoidable_cpu_time(problem), *best) << round;
      EXPECT_LE(cheapest_set_around_a_class(problem), *best) << round;
    });
  EXPECT_GT(checked, 120);
}

TEST(PlacementBounds, OfLatencyAreNeverAboveTheOptimum) {
  int checked = 0, by_memory = 0, by_slots = 0;
  testing::for_random_placements(5, 250, true, [&](const auto& problem, int round) {
    const auto best = testing::best_of_all(problem);
    if (!best) return;
    ++checked;
    const auto path = placement_critical_path(problem);
    const auto memory = memory_bound_of_paths(problem), slots = slots_along_chains(problem);
    EXPECT_LE(memory, *best) << round;
    EXPECT_LE(slots, *best) << round;
    EXPECT_LE(slots_between_barriers(problem), *best) << round;
    by_memory += memory > path;
    by_slots += slots > path;
  });
  EXPECT_GT(checked, 170);
  EXPECT_GT(by_memory, 8) << "memory says nothing new";
  EXPECT_GT(by_slots, 40) << "slots say nothing new";
}

/// Chains with ways around single nodes, which may take part in neither.
models::PlacementProblem blocks_in_a_row(models::Random& random, bool side_nodes) {
  models::PlacementProblem problem;
  problem.objective = models::PlacementProblem::Objective::latency;
  problem.accelerators = 1 + static_cast<int>(random.below(2));
  problem.cpus = 1;
  std::vector<models::PlacementEdge> edges;
  const int length = 5 + static_cast<int>(random.below(4));
  std::int64_t size = 0;
  for (int n = 0; n < length; ++n) {
    models::PlacementProblem::Node node;
    node.id = n;
    node.accelerator = Time(random.below(100));
    node.cpu = node.accelerator * (1 + random.below(10));
    node.send = Time(random.below(200));
    node.size = random.below(100);
    node.on_accelerator = !random.chance(0.1);
    size += node.size;
    problem.nodes.push_back(node);
    const bool side = side_nodes && n > 1 && random.chance(0.4);
    if (n > 0) edges.push_back({side ? n - 2 : n - 1, n});
    if (n > 2) edges.push_back({n - 3 + static_cast<int>(random.below(2)), n});
  }
  problem.memory = size * (3 + random.below(5)) / 10;
  models::finish(problem, edges, std::vector<int>(at(length), -1));
  return problem;
}

TEST(PlacementBounds, BetweenBarriersAreExactForChainsWithWaysAround) {
  models::Random random(3);
  for (int round = 0; round < 150; ++round) {
    const auto problem = blocks_in_a_row(random, false);
    const auto best = testing::best_of_all(problem);
    ASSERT_TRUE(best);
    EXPECT_EQ(slots_between_barriers(problem), *best) << round;
    const auto answer = find_placement("barriers").solve(PlacementTask{problem});
    EXPECT_EQ(answer.value, *best) << round;
    EXPECT_TRUE(answer.is_proven()) << round;
    EXPECT_TRUE(answer.notes.empty());
  }
}

TEST(PlacementBounds, BetweenBarriersAreNeverAboveTheOptimumOfBranches) {
  models::Random random(4);
  int equal = 0, reached = 0, above_chains = 0;
  for (int round = 0; round < 150; ++round) {
    const auto problem = blocks_in_a_row(random, true);
    const auto best = testing::best_of_all(problem);
    ASSERT_TRUE(best);
    const auto bound = slots_between_barriers(problem);
    EXPECT_LE(bound, *best) << round;
    equal += bound == *best;
    const auto answer = find_placement("barriers").solve(PlacementTask{problem});
    EXPECT_GE(answer.value, *best) << round;
    EXPECT_EQ(models::evaluate(problem, answer.placement).value, answer.value) << round;
    reached += answer.value == *best;
    above_chains += bound > slots_along_chains(problem);
  }
  EXPECT_GT(equal, 75);
  EXPECT_GT(reached, 75);
  EXPECT_GT(above_chains, 10) << "barriers say nothing new";
}

TEST(PlacementBounds, BetweenBarriersSayWhereTheySayNothing) {
  // Nothing is before or after everything: 2 ^ 12 down-sets.
  models::PlacementProblem problem;
  problem.objective = models::PlacementProblem::Objective::latency;
  problem.accelerators = problem.cpus = 1;
  problem.memory = 6;
  for (int n = 0; n < 12; ++n) {
    models::PlacementProblem::Node node;
    node.id = n;
    node.accelerator = Time(1);
    node.cpu = Time(100);
    node.size = 1;
    problem.nodes.push_back(node);
  }
  models::finish(problem, {}, std::vector<int>(12, -1));
  for (const std::string name : {"barriers", "portfolio"}) {
    PlacementTask task{problem};
    task.budget = 1'000'000;
    const auto answer = find_placement(name).solve(task);
    EXPECT_FALSE(answer.is_proven());
    EXPECT_EQ(answer.notes, std::vector<std::string>{
                                "'barriers' says nothing: too few nodes are before or after every "
                                "other (between two of them are more than 2000 down-sets)"});
  }
  EXPECT_EQ(slots_between_barriers(problem), Time{});
}

TEST(PlacementBounds, BetweenBarriersSayNothingWhereThatWouldTakeTooLong) {
  // 3,000 nodes that all fit into one slot; without limits that would be days.
  models::PlacementProblem problem;
  problem.objective = models::PlacementProblem::Objective::latency;
  problem.accelerators = problem.cpus = 1;
  problem.memory = 1'000'000;
  std::vector<models::PlacementEdge> edges;
  for (int n = 0; n < 3000; ++n) {
    models::PlacementProblem::Node node;
    node.id = n;
    node.accelerator = Time(1);
    node.cpu = Time(2);
    problem.nodes.push_back(node);
    if (n > 0) edges.push_back({n - 1, n});
  }
  models::finish(problem, edges, std::vector<int>(3000, -1));
  EXPECT_EQ(slots_between_barriers(problem), Time{});
}

/// A chain of 190 nodes with a way around between two barriers: 382 down-sets, and chains of up to
/// 190 nodes in what lies between two of them.
models::PlacementProblem chain_beside_a_node() {
  models::PlacementProblem problem;
  problem.objective = models::PlacementProblem::Objective::latency;
  problem.accelerators = problem.cpus = 1;
  problem.memory = 60;
  constexpr int length = 190, last = length + 2;
  std::vector<models::PlacementEdge> edges = {{0, length + 1}, {length + 1, last}};
  for (int n = 0; n <= last; ++n) {
    models::PlacementProblem::Node node;
    node.id = n;
    node.accelerator = Time(2'000'000);
    node.cpu = Time(5'000'000 + 1'000'000 * (n % 7));
    node.size = 1;
    problem.nodes.push_back(node);
    if (n < length) edges.push_back({n, n + 1});
  }
  edges.push_back({length, last});
  models::finish(problem, edges, std::vector<int>(at(last + 1), -1));
  return problem;
}

TEST(PlacementBounds, BetweenBarriersCountEveryPieceOfAChain) {
  const auto problem = chain_beside_a_node();
  const std::function<bool()> never = [] { return false; };
  Barriers barriers(problem, never, {});
  EXPECT_EQ(barriers.bound(), 0);
  EXPECT_TRUE(barriers.ran_out_of_steps());
  EXPECT_EQ(barriers.silence(), "it would take more than 20000000 steps");
  EXPECT_LT(barriers.effort(), 6000) << "parts of the block; each takes many thousand steps";
  Barriers fewer(problem, never, {.budget = 500});
  EXPECT_EQ(fewer.bound(), 0);
  EXPECT_FALSE(fewer.ran_out_of_steps());
  EXPECT_EQ(fewer.silence(), "it would take more than 500 evaluations");
  const std::function<bool()> always = [] { return true; };
  Barriers none(problem, always, {});
  EXPECT_EQ(none.bound(), 0);
  EXPECT_EQ(none.silence(), "it was stopped");
  const Reach reach(problem);
  const std::vector<bool> allowed(at(problem.groups()), true);
  RegionChain chain(problem, reach, allowed);
  std::vector<int> region;
  for (int n = 1; n <= 100; ++n) region.push_back(n);
  const auto times = chain.least_times(region, 10'000'000);
  EXPECT_EQ(times.size(), RegionChain::most_slots + 1);
  const auto steps = chain.steps();
  EXPECT_GT(steps, 100 * 60 * 50);
  EXPECT_TRUE(chain.least_times(region, steps - 1).empty());
  EXPECT_EQ(chain.least_times(region, steps), times);
}

TEST(PlacementBounds, PortfolioMovesBeforeItLooksBetweenBarriers) {
  const auto problem = chain_beside_a_node();
  PlacementTask task{problem};
  task.budget = 20'000;
  const auto annealed = find_placement("annealing").solve(task);
  const auto answer = find_placement("portfolio").solve(task);
  EXPECT_TRUE(answer.notes.empty());
  EXPECT_LE(answer.value, annealed.value + annealed.value / 30);
}

TEST(PlacementBounds, ThatAreCutShortAreNoHigher) {
  int lower = 0;
  for (const bool latency : {false, true})
    testing::for_random_placements(7, 60, latency, [&](const auto& problem, int round) {
      const auto whole = placement_bound(problem);
      for (const int most : {0, 1, 3}) {
        int asked = 0;
        const auto bound = placement_bound(problem, [&] { return ++asked > most; });
        EXPECT_LE(bound.value, whole.value) << round;
        EXPECT_EQ(asked > most || bound.value == whole.value, true) << round;
        lower += bound.value < whole.value;
      }
    });
  EXPECT_GT(lower, 20);
}

TEST(MinimumCut, ThatIsCutShortIsNoHigher) {
  // A ladder long enough for questions in between: cutting it costs 3 + 4.
  constexpr int length = 30'000;
  Division division;
  division.items.resize(2 * length);
  const auto rung = [](int step, int side) { return 2 * step + side; };
  for (int step = 0; step + 1 < length; ++step)
    for (const int side : {0, 1})
      division.nets.push_back(
          {step == length / 2 ? 3 + side : 9, {rung(step, side), rung(step + 1, side)}});
  const auto least = [&](int most) {
    MinimumCut cut(division);
    for (const int side : {0, 1}) {
      cut.reward(rung(0, side), MinimumCut::forever);
      cut.charge(rung(length - 1, side), MinimumCut::forever);
    }
    int asked = 0;
    return cut.least(MinimumCut::forever, [&] { return ++asked > most; });
  };
  EXPECT_EQ(least(1'000'000), 7);
  EXPECT_EQ(least(0), 0);
  for (const int most : {1, 2, 3, 4}) EXPECT_LE(least(most), 7);
}

TEST(PlacementBounds, WorkIsDividedWhereItGainsMost) {
  models::PlacementProblem problem;
  problem.accelerators = 1;
  problem.cpus = 1;
  problem.memory = 1000;
  for (const int cpu : {100, 300}) {
    models::PlacementProblem::Node node;
    node.id = cpu;
    node.accelerator = Time(100'000'000'000);
    node.cpu = node.accelerator * (cpu / 100);
    problem.nodes.push_back(node);
  }
  models::finish(problem, {}, std::vector<int>{-1, -1});
  // The first node wholly on the CPU leaves it nothing of the second to gain.
  EXPECT_NEAR(static_cast<double>(work_over_speed(problem).count()), 1e11, 10);
  problem.memory = 0;
  at(problem.nodes, 0).size = 1;
  EXPECT_NEAR(static_cast<double>(unavoidable_cpu_time(problem).count()), 1e11, 10);
}

TEST(PlacementBounds, AreNotAboveTheOptimumWhereCpusAreFaster) {
  models::PlacementProblem problem;
  problem.accelerators = 1;
  problem.cpus = 2;
  problem.memory = 1000;
  for (const auto& [cpu, accelerator] : {std::pair{5, 19}, {2, 50}, {4, 39}}) {
    models::PlacementProblem::Node node;
    node.id = cpu;
    node.cpu = Time(1'000'000'000) * cpu;
    node.accelerator = Time(1'000'000'000) * accelerator;
    problem.nodes.push_back(node);
  }
  models::finish(problem, {}, std::vector<int>{-1, -1, -1});
  EXPECT_LE(placement_bound(problem).value, Time(6'000'000'000));
  EXPECT_GE(placement_bound(problem).value, Time(5'000'000'000));
}

/// The loads of a division are those of the definition.
TEST(Division, LoadsAreTheDefinitions) {
  models::Random random(3);
  testing::for_random_placements(2, 100, false, [&](const auto& problem, int round) {
    const auto division = division_of(problem);
    std::vector<int> devices(at(problem.groups()));
    for (int& device : devices) device = static_cast<int>(random.below(problem.devices()));
    const auto score = models::evaluate(problem, placement_of(problem, devices));
    for (int d = 0; d < problem.accelerators; ++d) {
      std::vector<bool> set;
      for (const int device : devices) set.push_back(device == d);
      EXPECT_EQ(load_of(division, set), at(score.load, d).count()) << round;
    }
  });
}

/// The least value of placements that respect a reduction.
std::optional<Time> best_of_reduced(const models::PlacementProblem& problem,
                                    const Reduction& reduction) {
  const auto& items = reduction.division.items;
  std::optional<Time> best;
  std::vector<int> devices(items.size()), of_group(at(problem.groups()));
  while (true) {
    bool allowed = true;
    for (std::size_t i = 0; i < items.size(); ++i)
      allowed = allowed &&
                (problem.is_accelerator(devices[i]) ? items[i].on_accelerator : items[i].on_cpu);
    if (allowed) {
      for (std::size_t g = 0; g < of_group.size(); ++g)
        of_group[g] = at(devices, reduction.part_of[g]);
      const auto score = models::evaluate(problem, placement_of(problem, of_group));
      if (score.valid && (!best || score.value < *best)) best = score.value;
    }
    std::size_t digit = 0;
    while (digit < devices.size() && ++devices[digit] == problem.devices()) devices[digit++] = 0;
    if (digit == devices.size()) return best;
  }
}

TEST(Reduction, KeepsAnOptimumWithinTheLimit) {
  int smaller = 0, impossible = 0;
  testing::for_random_placements(4, 300, false, [&](const auto& problem, int round) {
    const auto best = testing::best_of_all(problem);
    if (!best) return;
    for (const std::int64_t more : {-1, 0, 50, 500}) {
      ReductionTask task;
      task.limit = best->count() + more;
      task.may_move = round % 4 > 0;
      const auto reduction = reduced(division_of(problem), task);
      if (reduction.impossible) {
        EXPECT_LT(more, 0) << "round " << round;
        ++impossible;
        continue;
      }
      if (reduction.division.size() < problem.groups()) ++smaller;
      if (more < 0) continue;
      EXPECT_EQ(best_of_reduced(problem, reduction), best) << "round " << round << " + " << more;
    }
  });
  EXPECT_GT(smaller, 100);
  EXPECT_GT(impossible, 10);
}

}  // namespace
}  // namespace optimizers
