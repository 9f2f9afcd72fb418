#include "optimizers/moves.h"

#include <gtest/gtest.h>

#include "optimizers/random_plan.h"
#include "tests/optimizers/small_problem.h"

namespace {

using models::Precision;
using optimizers::Graph;
using optimizers::Move;
using optimizers::Mover;
using optimizers_test::random_problem;

TEST(Moves, EveryKindLeadsFromPlanToPlan) {
  const auto problem = random_problem({.operators = 30,
                                       .devices = 3,
                                       .precisions = {Precision::fp16, Precision::int8},
                                       .wires = {Precision::int8}},
                                      6);
  const Graph graph(*problem);
  Mover mover(*problem, graph);
  optimizers::RandomPlans plans(*problem, graph);
  models::Random random(1);
  for (int kind = 0; kind < optimizers::move_kinds; ++kind) {
    int drawn = 0;
    for (int k = 0; k < 200; ++k) {
      models::Plan plan;
      plans.draw(random, plan);
      std::vector<std::int32_t> position;
      optimizers::positions(plan, position);
      std::vector<models::Change> changes;
      const auto binding = static_cast<int>(random.below(problem->devices + problem->channels));
      const bool device = binding < problem->devices;
      const optimizers::Base base{
          plan,
          position,
          {device ? models::Resource::Kind::device : models::Resource::Kind::channel,
           device ? binding : binding - problem->devices}};
      if (!mover.draw(static_cast<Move>(kind), base, random, changes)) continue;
      ++drawn;
      auto next = plan;
      for (const auto& change : changes) models::apply(next, change);
      EXPECT_NE(next, plan) << "kind " << kind;
      ASSERT_NO_THROW(models::check_plan(*problem, next)) << "kind " << kind;
    }
    EXPECT_GE(drawn, 30) << "kind " << kind;
  }
}

TEST(Moves, RelievingTakesFromTheBottleneck) {
  const auto problem = random_problem({.operators = 30, .devices = 3}, 6);
  const Graph graph(*problem);
  Mover mover(*problem, graph);
  const auto plan = problem->first_plan();
  std::vector<std::int32_t> position;
  optimizers::positions(plan, position);
  models::Random random(1);
  const int device = plan.device[0];
  const optimizers::Base base{plan, position, {models::Resource::Kind::device, device}};
  int drawn = 0;
  for (int k = 0; k < 200; ++k) {
    std::vector<models::Change> changes;
    if (!mover.draw(Move::relieve, base, random, changes)) continue;
    ++drawn;
    for (const auto& change : changes) {
      EXPECT_EQ(change.what, models::Change::What::device);
      EXPECT_EQ(plan.device[static_cast<std::size_t>(change.index)], device);
      EXPECT_NE(change.value, device);
    }
  }
  EXPECT_GE(drawn, 30);
}

TEST(Moves, WhatIsFixedIsNotMoved) {
  const auto problem = random_problem({.operators = 6, .rank = false, .lanes = false}, 6);
  const Graph graph(*problem);
  const Mover mover(*problem, graph);
  for (const auto move : {Move::rank, Move::lanes, Move::wire, Move::wires, Move::precision,
                          Move::precision_block, Move::precision_type, Move::precision_cut})
    EXPECT_FALSE(mover.possible(move)) << static_cast<int>(move);
  for (const auto move : {Move::single, Move::block, Move::cut, Move::boundary, Move::swap})
    EXPECT_TRUE(mover.possible(move)) << static_cast<int>(move);
}

}  // namespace
