#include "optimizers/moves.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

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

/// Thirty operators, ten on each of three devices, one piece after the other.
class Pieces : public ::testing::Test {
 protected:
  Pieces() : problem_(random_problem({.operators = 30, .devices = 3}, 6)), graph_(*problem_) {
    plan_ = problem_->first_plan();
    for (std::size_t p = 0; p < 30; ++p)
      plan_.device[static_cast<std::size_t>(plan_.order[p])] = static_cast<std::uint16_t>(p / 10);
    optimizers::positions(plan_, position_);
  }
  /// Plans that a kind of move leads to, device 0 being the bottleneck.
  std::vector<models::Plan> drawn(Move move) {
    Mover mover(*problem_, graph_);
    models::Random random(1);
    std::vector<models::Plan> plans;
    for (int k = 0; k < 300; ++k) {
      std::vector<models::Change> changes;
      const optimizers::Base base{plan_, position_, {models::Resource::Kind::device, 0}};
      if (!mover.draw(move, base, random, changes)) continue;
      auto& next = plans.emplace_back(plan_);
      for (const auto& change : changes) models::apply(next, change);
    }
    return plans;
  }
  /// Devices along the order, each piece once.
  static std::vector<int> sequence(const models::Plan& plan) {
    std::vector<int> devices;
    for (const auto op : plan.order)
      if (const int device = plan.device[static_cast<std::size_t>(op)];
          devices.empty() || devices.back() != device)
        devices.push_back(device);
    return devices;
  }
  std::int64_t duration(int op, int device) const {
    return problem_->duration[problem_->cost_index(op, device, 0)];
  }
  std::int64_t load(const models::Plan& plan, int device) const {
    std::int64_t sum = 0;
    for (int op = 0; op < 30; ++op)
      if (plan.device[static_cast<std::size_t>(op)] == device) sum += duration(op, device);
    return sum;
  }
  std::int64_t longest(int device) const {
    std::int64_t most = 0;
    for (int op = 0; op < 30; ++op) most = std::max(most, duration(op, device));
    return most;
  }

  std::shared_ptr<const models::Problem> problem_;
  const Graph graph_;
  models::Plan plan_;
  std::vector<std::int32_t> position_;
};

TEST_F(Pieces, ChangePlacesAndKeepTheirLoad) {
  std::set<std::vector<int>> sequences;
  for (const auto& next : drawn(Move::piece_swap)) {
    const auto now = sequence(next);
    sequences.insert(now);
    if (now != std::vector{1, 0, 2}) continue;
    EXPECT_LE(std::abs(load(next, 1) - load(plan_, 1)), longest(1));
    EXPECT_EQ(load(next, 2), load(plan_, 2));
  }
  EXPECT_TRUE(sequences.contains({1, 0, 2}));
  EXPECT_TRUE(sequences.contains({0, 2, 1}));
  EXPECT_TRUE(sequences.contains({2, 1, 0}));
}

TEST_F(Pieces, PassOnWhatTheBottleneckSheds) {
  const auto on = [](const models::Plan& plan, int device) {
    return std::ranges::count(plan.device, device);
  };
  int reached_the_last = 0;
  for (const auto& next : drawn(Move::piece_shift)) {
    EXPECT_EQ(sequence(next), sequence(plan_));
    if (on(next, 0) == 10 || on(next, 2) == 10) continue;
    ++reached_the_last;
    EXPECT_LE(std::abs(load(next, 1) - load(plan_, 1)), longest(1));
    EXPECT_EQ(on(next, 0) < 10, on(next, 2) > 10);
  }
  EXPECT_GT(reached_the_last, 20);
}

}  // namespace
