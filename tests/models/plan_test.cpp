#include "models/plan.h"

#include <gtest/gtest.h>

#include "models/random.h"

namespace models {
namespace {

Plan small_plan() {
  return {.device = {0, 1, 0, 1},
          .precision = {0, 1, 2, 0},
          .order = {0, 1, 2, 3},
          .wire = {Plan::as_produced, 1, 2, Plan::as_produced},
          .lanes = {4, 16}};
}

Change random_change(Random& random) {
  const auto what = static_cast<Change::What>(random.below(5));
  const bool lanes = what == Change::What::lanes;
  const bool rank = what == Change::What::rank;
  return {what, static_cast<std::int32_t>(random.below(lanes ? 2 : 4)),
          static_cast<std::int32_t>(random.below(rank ? 4 : 256))};
}

TEST(Change, DoesWhatItSays) {
  Plan plan = small_plan();
  apply(plan, {Change::What::device, 2, 3});
  apply(plan, {Change::What::precision, 0, 5});
  apply(plan, {Change::What::wire, 1, Plan::as_produced});
  apply(plan, {Change::What::lanes, 1, 8});
  EXPECT_EQ(plan.device, (std::vector<std::uint16_t>{0, 1, 3, 1}));
  EXPECT_EQ(plan.precision, (std::vector<std::uint8_t>{5, 1, 2, 0}));
  EXPECT_EQ(plan.wire[1], Plan::as_produced);
  EXPECT_EQ(plan.lanes, (std::vector<std::uint16_t>{4, 8}));
}

TEST(Change, MovesARankAndClosesUp) {
  Plan plan = small_plan();
  EXPECT_EQ(apply(plan, {Change::What::rank, 0, 2}), (Change{Change::What::rank, 2, 0}));
  EXPECT_EQ(plan.order, (std::vector<std::int32_t>{1, 2, 0, 3}));
  apply(plan, {Change::What::rank, 3, 0});
  EXPECT_EQ(plan.order, (std::vector<std::int32_t>{3, 1, 2, 0}));
  apply(plan, {Change::What::rank, 1, 1});
  EXPECT_EQ(plan.order, (std::vector<std::int32_t>{3, 1, 2, 0}));
}

TEST(Change, IsUndoneByItsAnswer) {
  Random random(5);
  const Plan before = small_plan();
  for (int round = 0; round < 200; ++round) {
    Plan plan = before;
    std::vector<Change> undo;
    for (int i = 0; i < 10; ++i) undo.push_back(apply(plan, random_change(random)));
    for (; !undo.empty(); undo.pop_back()) apply(plan, undo.back());
    EXPECT_EQ(plan, before);
  }
}

TEST(Batch, MakesThePlanOfATrial) {
  const Plan one = small_plan();
  Plan two = small_plan();
  two.discipline = Plan::Discipline::ready;
  Batch batch;
  batch.bases = {&one, &two};
  batch.changes = {
      {Change::What::device, 0, 7}, {Change::What::device, 1, 8}, {Change::What::device, 1, 9}};
  batch.trials = {{0, 0, 1}, {1, 1, 3}, {0, 3, 3}};
  EXPECT_EQ(batch.plan(0).device, (std::vector<std::uint16_t>{7, 1, 0, 1}));
  EXPECT_EQ(batch.plan(1).device, (std::vector<std::uint16_t>{0, 9, 0, 1}));
  EXPECT_EQ(batch.plan(1).discipline, Plan::Discipline::ready);
  EXPECT_EQ(batch.plan(2), one);
}

}  // namespace
}  // namespace models
