#include "optimizers/placement/latency_state.h"

#include <gtest/gtest.h>

#include "models/random.h"
#include "tests/optimizers/placement/random_placement.h"

namespace optimizers {
namespace {

TEST(LatencyState, EndsAndCirclesAreThoseOfTheDefinitionAfterAnyMoves) {
  models::Random random(4);
  int circles = 0, ends = 0;
  for (int round = 0; round < 20; ++round) {
    testing::RandomPlacement shape;
    shape.nodes = 40;
    shape.accelerators = 3;
    shape.latency = true;
    shape.colours = round % 2 == 0;
    const auto problem = testing::random_placement(random, shape);
    const PlacementNets nets(problem);
    LatencyState state(problem, nets);
    state.set(std::vector<int>(models::at(problem.groups()), problem.accelerators));
    for (int move = 0; move < 1000; ++move) {
      // Mostly back to the CPU: full slots of this kind nearly always wait in a circle.
      const auto to = random.chance(0.8) ? problem.accelerators : random.below(3);
      state.move(static_cast<int>(random.below(problem.groups())), static_cast<int>(to));
      const bool ended = state.walk();
      const auto score = models::evaluate(problem, by_node(problem, state.loads().placement()));
      ASSERT_EQ(ended, score.valid) << score.fault;
      ++(ended ? ends : circles);
      if (ended) {
        ASSERT_EQ(state.value(), score.value.count());
      }
    }
  }
  EXPECT_GT(ends, 1000);
  EXPECT_GT(circles, 1000);
}

}  // namespace
}  // namespace optimizers
