#include "optimizers/repeats.h"

#include <gtest/gtest.h>

#include "models/network/zoo.h"
#include "tests/optimizers/searching.h"

namespace {

std::shared_ptr<const models::Problem> problem_of(std::string_view name) {
  models::Random random(1);
  auto platform = optimizers_test::random_platform({.devices = 2}, random);
  for (auto& device : platform->devices) device.memory = {std::int64_t{1} << 40};
  return models::make_problem(std::make_shared<models::Network>(models::make_network(name)),
                              platform, {}, {});
}

TEST(Repeats, AreTheLayersOfATransformer) {
  const auto problem = problem_of("bert_base");
  const auto repeats = optimizers::find_repeats(*problem, optimizers::Graph(*problem));
  ASSERT_EQ(repeats.size(), 1U);
  EXPECT_EQ(repeats[0].count, 11);  // the first of the twelve reads what the others do not
  EXPECT_EQ(repeats[0].length, 34);
  EXPECT_EQ(optimizers::distinct_operators(*problem, repeats), 81);
}

TEST(Repeats, AreTheBlocksOfTheStagesOfResnet) {
  const auto problem = problem_of("resnet50");
  std::vector<std::int32_t> counts;
  for (const auto& repeat : optimizers::find_repeats(*problem, optimizers::Graph(*problem)))
    counts.push_back(repeat.count);
  // Each stage's first block is another: 3, 4, 6 and 3 blocks.
  EXPECT_EQ(counts, (std::vector<std::int32_t>{2, 3, 5, 2}));
}

TEST(Repeats, AreAlikeInTypeAndCost) {
  for (const auto* name : {"bert_base", "resnet50", "mobilenet_v2"}) {
    const auto problem = problem_of(name);
    const optimizers::Graph graph(*problem);
    int end = 0;
    for (const auto& repeat : optimizers::find_repeats(*problem, graph)) {
      EXPECT_GE(repeat.first, end);
      EXPECT_GE(repeat.count, 2);
      end = repeat.end();
      for (int op = repeat.first + repeat.length; op < end; ++op) {
        ASSERT_EQ(graph.type(op), graph.type(op - repeat.length));
        ASSERT_EQ(problem->duration[problem->cost_index(op, 1, 0)],
                  problem->duration[problem->cost_index(op - repeat.length, 1, 0)]);
      }
    }
    EXPECT_LE(end, problem->operators);
  }
}

TEST(Blocks, DoTheSameBeforeTheyAreFreed) {
  const auto problem = problem_of("bert_base");
  const auto repeat = optimizers::find_repeats(*problem, optimizers::Graph(*problem))[0];
  const auto goal = optimizers_test::goal_of({models::Metric::latency_mean});
  const auto found = optimizers_test::search("blocks", problem, goal, 1, 2000);
  // After the greedy plans, within the first 30 % of the budget.
  const auto& plan = found.plans[500];
  for (int op = repeat.first + repeat.length; op < repeat.end(); ++op)
    EXPECT_EQ(plan.device[static_cast<std::size_t>(op)],
              plan.device[static_cast<std::size_t>(op - repeat.length)]);
}

}  // namespace
