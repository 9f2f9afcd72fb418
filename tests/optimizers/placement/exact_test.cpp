#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "optimizers/placement/best_set.h"
#include "optimizers/placement/bounds.h"
#include "optimizers/placement/chain_cuts.h"
#include "optimizers/placement/lattice.h"
#include "optimizers/placement/prices.h"
#include "optimizers/placement/solver.h"
#include "results/placement_json.h"
#include "tests/optimizers/placement/random_placement.h"

namespace optimizers {
namespace {

using models::at;
using models::Time;

/// On small problems of every kind: a bound is never above the optimum, and an exact method that is
/// not cut short proves it.
void expect_proofs(std::string_view name, bool contiguous, std::uint64_t seed, int rounds) {
  int proven = 0;
  testing::for_random_placements(seed, rounds, false, [&](const auto& problem, int round) {
    const auto best = testing::best_of_all(problem, contiguous);
    if (!best) return;
    PlacementTask task{problem};
    task.contiguous = contiguous;
    task.improved = [&](const PlacementAnswer& answer) {
      EXPECT_LE(answer.lower_bound, *best) << name << " round " << round << " " << answer.bound;
      EXPECT_GE(answer.value, *best) << round;
    };
    const auto answer = find_placement(name).solve(task);
    EXPECT_LE(answer.lower_bound, *best) << name << " round " << round << " " << answer.bound;
    if (!answer.found()) return;  // memory so tight that the start finds nothing
    EXPECT_EQ(models::evaluate(problem, answer.placement).value, answer.value) << round;
    EXPECT_EQ(answer.value, *best) << name << " round " << round;
    EXPECT_TRUE(answer.is_proven()) << name << " round " << round;
    ++proven;
  });
  EXPECT_GT(proven, rounds / 2);
}

TEST(ExactPlacement, IntegerProvesTheOptimum) {
  expect_proofs("integer", false, 21, 100);
}

/// Nodes that fit nowhere but on two accelerators of 16 GiB, where the best division is a byte too
/// large: far less than what an integer programme in doubles can see.
models::PlacementProblem one_byte_too_much() {
  models::PlacementProblem problem;
  problem.accelerators = 2;
  problem.cpus = 0;
  constexpr std::int64_t half = std::int64_t{1} << 33;
  problem.memory = 2 * half;
  const std::pair<int, std::int64_t> nodes[] = {{10, half}, {10, half + 1}, {19, 5}, {1, 1}};
  for (const auto& [milli, size] : nodes) {
    models::PlacementProblem::Node node;
    node.id = problem.size();
    node.accelerator = node.cpu = Time(1'000'000'000) * milli;
    node.size = size;
    problem.nodes.push_back(node);
  }
  models::finish(problem, {}, std::vector<int>(4, -1));
  return problem;
}

TEST(ExactPlacement, APackingThatIsAByteTooLargeProvesNothing) {
  const auto problem = one_byte_too_much();
  const auto best = testing::best_of_all(problem);
  ASSERT_EQ(best, Time(29'000'000'000));
  for (const int start : {0, 1}) {
    PlacementTask task{problem};
    // Nothing but the start, which is not the best: the programme has to find that.
    task.start = {{0, 1, start, start}};
    task.searched = task.bounded = true;
    task.improved = [&](const PlacementAnswer& answer) { EXPECT_LE(answer.lower_bound, *best); };
    const auto answer = find_placement("integer").solve(task);
    EXPECT_EQ(answer.value, *best);
    EXPECT_TRUE(answer.is_proven());
  }
}

TEST(ExactPlacement, DownSetsProveTheContiguousOptimum) {
  expect_proofs("contiguous", true, 25, 100);
}

TEST(ExactPlacement, ContiguousOptimumIsNoBoundForFreePlacements) {
  testing::for_random_placements(26, 40, false, [&](const auto& problem, int round) {
    const auto best = testing::best_of_all(problem);
    const auto contiguous = testing::best_of_all(problem, true);
    if (!contiguous) return;
    PlacementTask task{problem};
    task.improved = [&](const PlacementAnswer& answer) { EXPECT_LE(answer.lower_bound, *best); };
    const auto answer = find_placement("contiguous").solve(task);
    EXPECT_LE(answer.lower_bound, *best) << round;
    if (answer.found()) {
      EXPECT_LE(answer.value, *contiguous) << round;
    }
  });
}

TEST(Lattice, OfIndependentItemsHasEverySet) {
  const auto all = Lattice::make(std::vector<std::vector<int>>(5), 100);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->size(), 32);
  EXPECT_EQ(all->steps(0).size(), 5u);
  EXPECT_FALSE(Lattice::make(std::vector<std::vector<int>>(8), 100));
  const auto chain = Lattice::make({{}, {0}, {1}}, 100);
  ASSERT_TRUE(chain);
  EXPECT_EQ(chain->size(), 4);
  EXPECT_FALSE(chain->holds(1, 1));
  EXPECT_TRUE(chain->holds(3, 2));
}

/// The optimum in microseconds; of bert_l-6 and resnet50 only contiguous ones take seconds.
struct KnownAnswer {
  std::string_view graph;
  std::int64_t free, contiguous;
};

TEST(ExactPlacement, KnownOptimaOfTheBenchmarkAreProven) {
  const std::filesystem::path folder = "../shared/data/placement/throughput";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there";
  for (const auto& known : {KnownAnswer{"layer/bert24_inference", 17'715, 17'790},
                            {"layer/bert24_training", 39'790, 41'746},
                            {"layer/resnet50_inference", 0, 33'775},
                            {"operator/bert_l-3_inference", 21'908, 27'919},
                            {"operator/bert_l-3_training", 54'207, 0},
                            {"operator/bert_l-6_inference", 0, 29'580}}) {
    std::ifstream file(folder / (std::string(known.graph) + ".json"));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto problem = results::read_placement(text, "graph.json", {}).problem;
    for (const bool contiguous : {false, true}) {
      const auto micro = contiguous ? known.contiguous : known.free;
      if (micro == 0) continue;
      PlacementTask task{problem};
      task.contiguous = contiguous;
      const auto answer = find_placement(contiguous ? "contiguous" : "integer").solve(task);
      EXPECT_TRUE(answer.is_proven()) << known.graph;
      EXPECT_EQ((answer.value.count() + 500'000) / 1'000'000, micro) << known.graph;
      const auto score = models::evaluate(problem, answer.placement);
      EXPECT_TRUE(score.valid) << score.fault;
      EXPECT_EQ(score.value, answer.value) << known.graph;
      EXPECT_TRUE(!contiguous || models::is_contiguous(problem, answer.placement)) << known.graph;
    }
  }
}

TEST(ExactPlacement, PricesExcludeAnythingBelow27612MicrosecondsForBert6) {
  const std::filesystem::path path =
      "../shared/data/placement/throughput/operator/bert_l-6_inference.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto problem = results::read_placement(text, "graph.json", {}).problem;
  constexpr Time asked(27'612'000'000);
  constexpr std::int64_t budget = 20'000'000;
  const auto bound = raised_bound(
      problem, placement_bound(problem), asked, [] { return false; }, budget);
  EXPECT_EQ(bound.value, asked);
  EXPECT_EQ(bound.name, "prices of sets");
}

TEST(ExactPlacement, RaisedBoundsStayBelowTheOptimum) {
  int raised = 0;
  testing::for_random_placements(22, 100, false, [&](const auto& problem, int round) {
    const auto best = testing::best_of_all(problem);
    if (!best) return;
    const auto cheap = placement_bound(problem);
    for (const std::int64_t more : {0, 1, 100}) {
      const auto bound = raised_bound(problem, cheap, *best + Time(more), [] { return false; });
      EXPECT_LE(bound.value, *best) << "round " << round << " " << bound.name;
      if (bound.value > cheap.value) ++raised;
    }
  });
  EXPECT_GT(raised, 100);
}

/// Three chains without anything to move: 46 x 46 x 46 down-sets.
models::PlacementProblem three_chains() {
  models::PlacementProblem problem;
  problem.accelerators = problem.cpus = 64;
  problem.memory = 1000;
  std::vector<models::PlacementEdge> edges;
  constexpr int length = 45;
  for (int n = 0; n < 3 * length; ++n) {
    models::PlacementProblem::Node node;
    node.id = n;
    node.accelerator = Time(1000 + 1000 * (n * 5 % 3));
    node.cpu = Time(2000 + 1000 * (n * 7 % 5));
    problem.nodes.push_back(node);
    if (n % length > 0) edges.push_back({n - 1, n});
  }
  models::finish(problem, edges, std::vector<int>(3 * length, -1));
  return problem;
}

TEST(ExactPlacement, ContiguousSaysBeforehandThatMemoryDoesNotSuffice) {
  const auto problem = three_chains();
  PlacementTask task{problem};
  task.contiguous = true;
  const std::string why =
      "its forward graph has more than 78357 down-sets, for which it would need more than 4 GB of "
      "memory: each takes a bit for each of 135 items, and 4225 states for up to 64 accelerators "
      "and 64 CPUs used; take fewer devices (--devices, --cpus), or 'annealing' with --contiguous";
  EXPECT_EQ(find_placement("contiguous").refusal(task), why);
  task.budget = 300'000;
  const auto answer = find_placement("portfolio").solve(task);
  EXPECT_TRUE(answer.found());
  EXPECT_EQ(answer.notes, std::vector<std::string>{"'contiguous' took no part: " + why});
}

TEST(ChainCuts, KeepsNoMoreDevicesThanCanBeOfUse) {
  Division division;
  division.accelerators = division.cpus = 1000;
  division.items = {{10, 20, 0, true, true}, {10, 300, 0, true, true}, {0, 20, 0, false, true}};
  keep_useful_devices(division, 100);
  EXPECT_EQ(division.accelerators, 2);
  EXPECT_EQ(division.cpus, 2);
  EXPECT_EQ(states_of(division), 9);
  EXPECT_EQ(most_down_sets(division), 500'000);
  division.accelerators = 100'000;
  EXPECT_EQ(most_down_sets(division), 1111);
}

TEST(ExactPlacement, ContiguousFindsTheSameWithDevicesThatAreOfNoUse) {
  int checked = 0;
  testing::for_random_placements(31, 60, false, [&](auto problem, int round) {
    if (problem.cpus == 0) return;
    const auto solve = [&] {
      PlacementTask task{problem};
      task.contiguous = true;
      return find_placement("contiguous").solve(task);
    };
    problem.accelerators = problem.cpus = problem.groups();
    const auto few = solve();
    problem.accelerators = problem.cpus = 60;
    const auto many = solve();
    EXPECT_EQ(many.value, few.value) << round;
    EXPECT_TRUE(many.is_proven()) << round;
    EXPECT_TRUE(models::is_contiguous(problem, many.placement)) << round;
    ++checked;
  });
  EXPECT_GT(checked, 20);
}

TEST(BestSet, IsWorthMostOfAll) {
  models::Random random(23);
  testing::for_random_placements(24, 150, false, [&](const auto& problem, int round) {
    const auto division = division_of(problem);
    const int items = division.size();
    std::vector<Division::Amount> worth;
    Division::Amount work = 0;
    for (const auto& item : division.items) worth.push_back(random.below(50)), work += item.work;
    const auto limit = work / 2 + random.below(100);
    for (const bool cpu : {false, true}) {
      Division::Amount best = 0;
      for (unsigned bits = 0; bits < 1u << items; ++bits) {
        std::vector<bool> set;
        Division::Amount sum = 0, cpu_time = 0;
        bool allowed = true;
        for (int i = 0; i < items; ++i) {
          set.push_back(bits >> i & 1);
          if (!set.back()) continue;
          const auto& item = at(division.items, i);
          sum += at(worth, i);
          cpu_time += item.cpu_work;
          allowed = allowed && (cpu ? item.on_cpu : item.on_accelerator);
        }
        if (allowed && (cpu ? cpu_time : load_of(division, set)) <= limit)
          best = std::max(best, sum);
      }
      const auto found =
          BestSet(division, cpu).find(worth, limit, 0, 1'000'000, [] { return false; });
      ASSERT_TRUE(found);
      EXPECT_EQ(found->worth, best) << "round " << round << (cpu ? " cpu" : " accelerator");
    }
  });
}

TEST(PriceProof, SaysNothingWhereItIsCutShort) {
  Division division;
  division.accelerators = 3;
  for (int i = 0; i < 4; ++i) division.items.push_back({100, 10'000, 0, true, false});
  division.nets_of.resize(4);
  PriceProof proof;
  PriceProof::Effort none;
  none.stop = [] { return true; };
  EXPECT_FALSE(proof.excludes(division, 199, none));
  // Beyond what the tables are for.
  while (division.size() <= BestSet::most_items) {
    division.items.push_back(division.items.front());
    division.nets_of.emplace_back();
  }
  EXPECT_FALSE(proof.excludes(division, 199, {}));
}

TEST(PriceProof, SeesThatItemsAreNotDivisible) {
  // Four equal items on three accelerators: one holds two.
  Division division;
  division.accelerators = 3;
  for (int i = 0; i < 4; ++i) division.items.push_back({100, 10'000, 0, true, false});
  division.nets_of.resize(4);
  PriceProof proof;
  EXPECT_TRUE(proof.excludes(division, 199, {}));
  EXPECT_FALSE(proof.excludes(division, 200, {}));
}

}  // namespace
}  // namespace optimizers
