#include <gtest/gtest.h>

#include "models/error.h"
#include "models/index.h"
#include "models/placement/detail.h"
#include "models/placement/generate.h"
#include "tests/optimizers/placement_cases.h"

namespace {

using models::at;
using models::Time;
using placement_cases::problem;
using Objective = models::PlacementProblem::Objective;

std::string complaint(const std::string& recipe) {
  try {
    models::parse_placement_recipe(recipe);
  } catch (const models::InputError& error) {
    return error.what();
  }
  return "fine";
}

TEST(PlacementRecipe, MakesTheSameProblemAgainAndAnotherFromAnotherSeed) {
  const auto one = problem("nodes=40,seed=5"), again = problem("nodes=40,seed=5");
  const auto other = problem("nodes=40,seed=6");
  ASSERT_EQ(one.size(), 40);
  EXPECT_EQ(one.reader, again.reader);
  EXPECT_EQ(one.nodes[17].cpu, again.nodes[17].cpu);
  EXPECT_NE(one.nodes[17].cpu, other.nodes[17].cpu);
}

TEST(PlacementRecipe, EachNodeHasItsOwnRatioWithinTheLimits) {
  const auto made = problem("nodes=300,ratio=0.5..30,unsupported=0.2,seed=3");
  double least = 1e9, most = 0;
  int unsupported = 0;
  for (const auto& node : made.nodes) {
    const auto ratio =
        static_cast<double>(node.cpu.count()) / static_cast<double>(node.accelerator.count());
    least = std::min(least, ratio);
    most = std::max(most, ratio);
    unsupported += !node.on_accelerator;
  }
  EXPECT_GE(least, 0.5 - 1e-5);
  EXPECT_LT(least, 2);
  EXPECT_LE(most, 30 + 1e-5);
  EXPECT_GT(most, 25);
  EXPECT_NEAR(unsupported, 60, 30);
}

TEST(PlacementRecipe, TrainingMirrorsTheForwardPass) {
  const auto made = problem("shape=training,nodes=40,seed=2");
  for (int n = 0; n < 20; ++n) {
    EXPECT_FALSE(at(made.nodes, n).backward);
    EXPECT_TRUE(at(made.nodes, 39 - n).backward);
    EXPECT_EQ(at(made.group_of, n), at(made.group_of, 39 - n));
    for (const int reader : made.readers(n)) {
      if (reader >= 20) continue;
      const auto back = made.readers(39 - reader);
      EXPECT_NE(std::find(back.begin(), back.end(), 39 - n), back.end());
    }
  }
}

TEST(PlacementRecipe, MemoryIsTightButHolds) {
  const auto made = problem("nodes=60,devices=4,memory=1.1,seed=2");
  std::int64_t total = 0;
  for (const auto& node : made.nodes) total += node.size;
  EXPECT_NEAR(static_cast<double>(made.memory * 4) / static_cast<double>(total), 1.1, 1e-3);
  for (int seed = 0; seed < 50; ++seed)
    EXPECT_NO_THROW(
        problem("nodes=12,devices=4,cpus=0,memory=1,colours=0.3,seed=" + std::to_string(seed)));
}

TEST(PlacementRecipe, SaysWhichPartIsWrong) {
  EXPECT_EQ(complaint("nodes=0"), "recipe: 'nodes=0': not a whole number from 1 to 1000000");
  EXPECT_EQ(complaint("nodes=5,shape=tree"),
            "recipe: 'shape=tree': there are the shapes chain, layered, branches, training");
  EXPECT_EQ(complaint("ratio=5..2"), "recipe: 'ratio=5..2': not a number from 5 to 1000000");
  EXPECT_EQ(complaint("memory=nan"), "recipe: 'memory=nan': not a number from 0 to 1000000");
  EXPECT_EQ(complaint("node=5"),
            "recipe: 'node=5': there are shape, nodes, devices, cpus, ratio, unsupported, colours, "
            "memory, communication, seed");
  EXPECT_EQ(complaint("nodes=5,seed=1,nodes=6"),
            "recipe: 'nodes=6': 'nodes' is given twice, here at character 16 and as 'nodes=5' "
            "before; keep one of them");
  for (const auto& [recipe, character] :
       {std::pair("nodes=5,,seed=1", "9"), {"nodes=5,", "8"}, {",nodes=5", "1"}})
    EXPECT_EQ(complaint(recipe), std::string("recipe: a comma too many at character ") + character +
                                     "; write parts as key=value, with one comma between two");
  EXPECT_EQ(complaint("seed=1,seed=1"),
            "recipe: 'seed=1': 'seed' is given twice, here at character 8 and as 'seed=1' before; "
            "keep one of them");
  EXPECT_EQ(complaint("cpus=0,unsupported=0.5"), "recipe: without CPUs no node may be unsupported");
  EXPECT_EQ(complaint(""), "fine");
}

TEST(PlacementDetail, AddsUpToWhatCounts) {
  models::Random random(3);
  for (const auto& recipe : placement_cases::small) {
    const auto made = problem(recipe);
    for (int i = 0; i < 50; ++i) {
      const auto placement = placement_cases::random_placement(made, random);
      const auto loads = models::evaluate(made, placement).load;
      const auto detail = models::explain(made, placement);
      for (int d = 0; d < made.devices(); ++d)
        EXPECT_EQ(at(detail.devices, d).load(), at(loads, d)) << recipe;
    }
  }
}

TEST(PlacementDetail, TheCriticalPathLeadsFromTheStartToTheEnd) {
  models::Random random(4);
  int valid = 0;
  for (const auto& recipe : placement_cases::tiny) {
    const auto made = problem(recipe, Objective::latency);
    for (int i = 0; i < 60; ++i) {
      const auto placement = placement_cases::random_placement(made, random);
      const auto score = models::evaluate(made, placement);
      const auto path = models::explain(made, placement).critical;
      ASSERT_EQ(path.empty(), !score.valid);
      if (!score.valid) continue;
      ++valid;
      EXPECT_EQ(path.front().start, Time{});
      EXPECT_EQ(path.back().end, score.value);
      for (std::size_t step = 1; step < path.size(); ++step)
        EXPECT_EQ(path[step].start, path[step - 1].end);
    }
  }
  EXPECT_GT(valid, 100);
}

}  // namespace
