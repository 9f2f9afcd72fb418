#include "optimizers/placement/loads.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/random.h"
#include "tests/optimizers/placement/random_placement.h"

namespace optimizers {
namespace {

using models::at;
using models::PlacementProblem;

/// Holds the loads to what the definition says of the same placement.
void compare(const PlacementProblem& problem, const Loads& loads) {
  const auto score = models::evaluate(problem, by_node(problem, loads.placement()));
  std::int64_t largest = 0;
  for (int d = 0; d < problem.devices(); ++d) {
    ASSERT_EQ(loads.load(d), at(score.load, d).count()) << "device " << d;
    largest = std::max(largest, loads.load(d));
  }
  EXPECT_EQ(loads.largest(), largest);
  EXPECT_EQ(loads.memory_over(), score.memory_over);
  EXPECT_EQ(loads.ties(), std::count(score.load.begin(), score.load.end(), models::Time(largest)));
}

std::vector<int> all_on_one(const PlacementProblem& problem) {
  return std::vector<int>(at(problem.groups()), problem.devices() - 1);
}

PlacementProblem large_problem(models::Random& random) {
  testing::RandomPlacement shape;
  shape.nodes = 120;
  shape.accelerators = 5;
  shape.cpus = 2;
  shape.colours = shape.tight_memory = shape.training = true;
  return testing::random_placement(random, shape);
}

TEST(Loads, AreThoseOfTheDefinitionAfterAnyMoves) {
  models::Random random(1);
  for (int round = 0; round < 10; ++round) {
    const auto problem = large_problem(random);
    const PlacementNets nets(problem);
    Loads loads(problem, nets);
    loads.set(all_on_one(problem));
    for (int move = 0; move < 2000; ++move) {
      const int group = static_cast<int>(random.below(problem.groups()));
      const int to = static_cast<int>(random.below(problem.devices()));
      const int from = loads.device(group);
      if (from == to) continue;
      const auto expected_from = loads.load(from) + loads.change(group, to).from;
      const auto expected_to = loads.load(to) + loads.change(group, to).to;
      loads.move(group, to);
      ASSERT_EQ(loads.load(from), expected_from);
      ASSERT_EQ(loads.load(to), expected_to);
      if (move % 50 == 0) compare(problem, loads);
    }
    compare(problem, loads);
  }
}

TEST(Loads, UndoGoesBackToWhatWasKept) {
  models::Random random(2);
  const auto problem = large_problem(random);
  const PlacementNets nets(problem);
  Loads loads(problem, nets);
  loads.set(all_on_one(problem));
  for (int round = 0; round < 300; ++round) {
    const std::vector<int> before(loads.placement().begin(), loads.placement().end());
    for (int move = 0; move < 8; ++move)
      loads.move(static_cast<int>(random.below(problem.groups())),
                 static_cast<int>(random.below(problem.devices())));
    if (random.chance(0.5)) {
      loads.keep();
      loads.undo();  // nothing is left to take back
      continue;
    }
    loads.undo();
    ASSERT_TRUE(std::equal(before.begin(), before.end(), loads.placement().begin()));
    compare(problem, loads);
  }
}

}  // namespace
}  // namespace optimizers
