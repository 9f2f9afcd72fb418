#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "optimizers/load_search.h"
#include "optimizers/partition_plans.h"
#include "optimizers/partitioning.h"
#include "optimizers/random_plan.h"
#include "tests/optimizers/planted.h"
#include "tests/optimizers/searching.h"

namespace {

using models::Metric;
using models::Precision;
using optimizers::at;
using optimizers::Graph;
using optimizers_test::goal_of;
using optimizers_test::random_problem;
using optimizers_test::search;

/// Whether requests can pass each part once: no circle among parts.
bool is_acyclic(const Graph& graph, int parts, std::span<const int> part) {
  std::set<std::pair<int, int>> edges;
  for (const auto& edge : graph.edges())
    if (at(part, edge.maker) != at(part, edge.reader))
      edges.insert({at(part, edge.maker), at(part, edge.reader)});
  std::set<int> left;
  for (int p = 0; p < parts; ++p) left.insert(p);
  for (bool found = true; found && !left.empty();) {
    found = false;
    for (const int p : left) {
      const bool read = std::any_of(edges.begin(), edges.end(), [&](const auto& edge) {
        return edge.second == p && left.contains(edge.first);
      });
      if (read) continue;
      left.erase(p);
      found = true;
      break;
    }
  }
  return left.empty();
}

TEST(Multilevel, IsAcyclic) {
  int circles = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const auto problem = random_problem({.operators = 60, .devices = 3}, seed);
    const Graph graph(*problem);
    auto part =
        optimizers::partition(optimizers::weighted_graph(*problem, graph), {{0.3, 0.3, 0.4}});
    circles += !is_acyclic(graph, 3, part);
    optimizers::make_acyclic(graph, problem->first_plan().order, 3, part);
    EXPECT_TRUE(is_acyclic(graph, 3, part)) << "seed " << seed;
  }
  EXPECT_GT(circles, 0) << "there was nothing to do";
}

TEST(Multilevel, AcyclicPartsStayAsTheyAre) {
  const auto problem = random_problem({.operators = 60, .devices = 3}, 1);
  const Graph graph(*problem);
  std::vector<int> part(60);
  for (std::size_t k = 0; k < part.size(); ++k) part[k] = 2 - static_cast<int>(k) / 20;
  const auto before = part;
  optimizers::make_acyclic(graph, problem->first_plan().order, 3, part);
  EXPECT_EQ(part, before);
}

/// A square of nodes joined to their neighbours.
optimizers::WeightedGraph grid(int side) {
  optimizers::WeightedGraph graph;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      graph.node_weight.push_back(1);
      if (x > 0) graph.edges.push_back({y * side + x - 1, y * side + x, 1});
      if (y > 0) graph.edges.push_back({(y - 1) * side + x, y * side + x, 1});
    }
  return graph;
}

TEST(Partition, HasTheSharesAndCutsLittle) {
  const auto graph = grid(20);
  const std::vector<double> shares = {0.5, 0.25, 0.15, 0.1};
  for (const bool recursive : {false, true}) {
    const auto part = optimizers::partition(graph, {shares, 1.05, recursive, 3});
    std::vector<double> weight(4, 0);
    for (const int p : part) at(weight, p) += 1.0 / 400;
    for (std::size_t p = 0; p < 4; ++p) EXPECT_LT(weight[p], shares[p] * 1.1) << p;
    const auto cut = std::count_if(graph.edges.begin(), graph.edges.end(), [&](const auto& edge) {
      return at(part, edge.from) != at(part, edge.to);
    });
    EXPECT_LT(cut, 70) << "of " << graph.edges.size() << (recursive ? " recursive" : "");
    EXPECT_EQ(optimizers::partition(graph, {shares, 1.05, recursive, 3}), part);
  }
}

TEST(Partition, TakesSharesNearZero) {
  for (const bool recursive : {false, true}) {
    const auto part = optimizers::partition(grid(20), {{0.5, 0.5, 0, 1e-12}, 1.05, recursive});
    EXPECT_LT(std::count_if(part.begin(), part.end(), [](int p) { return p >= 2; }), 40);
  }
}

TEST(Partition, TakesMorePartsThanNodesAndOnePart) {
  EXPECT_EQ(optimizers::partition(grid(2), {std::vector<double>(8, 0.125)}),
            (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(optimizers::partition(grid(2), {{1.0}}), (std::vector<int>{0, 0, 0, 0}));
}

TEST(Clusters, EveryOperatorIsInOneOfItsDevice) {
  const auto problem = random_problem({.operators = 200, .devices = 3}, 4);
  const Graph graph(*problem);
  models::Random random(1);
  models::Plan plan;
  optimizers::RandomPlans(*problem, graph).draw(random, plan);
  optimizers::Clusters clusters;
  clusters.coarsen(*problem, graph, plan, 12, random);
  ASSERT_GT(clusters.levels(), 2);
  for (int level = 0; level < clusters.levels(); ++level) {
    std::vector<int> times(200, 0);
    for (int c = 0; c < clusters.count(level); ++c)
      for (const auto op : clusters.members(level, c)) {
        ++at(times, op);
        EXPECT_EQ(at(plan.device, op), at(plan.device, clusters.members(level, c).front()));
      }
    EXPECT_EQ(times, std::vector<int>(200, 1));
  }
  EXPECT_EQ(clusters.count(0), 200);
}

TEST(LoadSearch, KnowsTheBoundExactly) {
  const auto problem = random_problem({.operators = 80,
                                       .devices = 3,
                                       .precisions = {Precision::fp16, Precision::int8},
                                       .wires = {Precision::int8, Precision::int4}},
                                      8);
  const Graph graph(*problem);
  const auto evaluator = sim::make_evaluator(problem);
  models::Random random(2);
  optimizers::LoadSearch loads(*problem, graph, true);
  loads.start(problem->first_plan());
  const auto before = loads.bound();
  optimizers::Clusters clusters;
  clusters.coarsen(*problem, graph, loads.plan(), 8, random);
  for (int level = clusters.levels() - 1; level >= 0; --level) {
    loads.set_unit(3);
    loads.run(clusters, level, 2000, 0.01, random);
    ASSERT_NO_THROW(models::check_plan(*problem, loads.plan()));
    EXPECT_EQ(loads.bound(), evaluator->score(loads.plan()).period_bound) << "level " << level;
  }
  EXPECT_LT(2 * loads.bound(), before);
}

TEST(LoadSearch, MakesRoomForWhatItIsToldToLeave) {
  const auto planted = optimizers_test::planted({.operators = 200, .devices = 8}, 2);
  const Graph graph(*planted.problem);
  models::Random random(2);
  optimizers::LoadSearch loads(*planted.problem, graph, false);
  const auto& capacity = planted.problem->capacity;
  loads.set_reserve(*std::min_element(capacity.begin(), capacity.end()) - 8'000'000);
  loads.start(planted.problem->first_plan());
  ASSERT_GT(loads.memory_over(), 0);
  optimizers::Clusters clusters;
  clusters.coarsen(*planted.problem, graph, loads.plan(), 1000, random);
  loads.run(clusters, 0, 100'000, 0.01, random);
  EXPECT_EQ(loads.memory_over(), 0);
}

TEST(Multilevel, KeepsToBudgetsOfAFewPlans) {
  const auto problem =
      optimizers_test::random_problem({.operators = 5, .devices = 2, .requests = 8}, 2);
  const auto goal = optimizers_test::goal_of({models::Metric::throughput});
  for (std::int64_t budget = 1; budget <= 12; ++budget)
    EXPECT_LE(std::ssize(optimizers_test::search("multilevel", problem, goal, 1, budget).plans),
              budget);
}

TEST(Multilevel, ComesNearAPlantedOptimum) {
  const auto planted = optimizers_test::planted({.operators = 300, .devices = 8}, 3);
  const auto found = search("multilevel", planted.problem, planted.goal, 1, 800);
  EXPECT_EQ(found.archive.best()->violation, 0);
  EXPECT_LT(found.archive.best()->cost, 1.1);
  EXPECT_GE(found.archive.best()->cost, 1);
}

TEST(Multilevel, PartitionsAreAmongTheFirstPlans) {
  const auto problem = random_problem({.operators = 40, .devices = 3}, 3);
  const auto plans = optimizers::partition_plans(*problem, Graph(*problem));
  ASSERT_FALSE(plans.empty());
  const auto found = search("multilevel", problem, goal_of({Metric::latency_mean}), 1, 200);
  for (const auto& plan : plans)
    EXPECT_NE(std::find(found.plans.begin(), found.plans.end(), plan), found.plans.end());
}

}  // namespace
