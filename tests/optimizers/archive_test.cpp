#include "optimizers/archive.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/random.h"
#include "tests/optimizers/small_problem.h"

namespace {

using models::Metric;
using models::Score;
using optimizers::Archive;
using optimizers_test::goal_of;

Score scored(std::int64_t latency, double joules) {
  Score score;
  score.latency_mean = models::Time(latency);
  score.energy_joules = joules;
  return score;
}

models::Plan plan_number(std::uint16_t number) {
  models::Plan plan;
  plan.device = {number};
  return plan;
}

TEST(Archive, KeepsTheFirstOfTheBest) {
  const auto goal = goal_of({Metric::energy});
  Archive archive(goal);
  EXPECT_EQ(archive.best(), nullptr);
  EXPECT_TRUE(archive.offer(plan_number(1), scored(1, 5)));
  EXPECT_TRUE(archive.offer(plan_number(2), scored(1, 3)));
  EXPECT_FALSE(archive.offer(plan_number(3), scored(1, 3)));
  EXPECT_FALSE(archive.offer(plan_number(4), scored(1, 4)));
  EXPECT_EQ(archive.best()->plan, plan_number(2));
  EXPECT_EQ(archive.best()->trial, 1);
  EXPECT_EQ(archive.offered(), 4);
  EXPECT_EQ(archive.front().size(), 1U);
}

TEST(Archive, PutsTheLimitsFirst) {
  auto goal = goal_of({Metric::energy});
  goal.limits.push_back({Metric::latency_mean, 10e-12});
  Archive archive(goal);
  archive.offer(plan_number(1), scored(40, 1));
  archive.offer(plan_number(2), scored(20, 2));
  EXPECT_EQ(archive.best()->plan, plan_number(2)) << "misses its limit by less";
  archive.offer(plan_number(3), scored(10, 9));
  EXPECT_EQ(archive.best()->plan, plan_number(3));
  ASSERT_EQ(archive.front().size(), 1U);
  EXPECT_EQ(archive.front().front().plan, plan_number(3));
}

TEST(Archive, HoldsWhatNobodyDominates) {
  const auto goal = goal_of({Metric::latency_mean, Metric::energy}, true);
  Archive archive(goal, 1000);
  models::Random random(1);
  std::vector<Score> all;
  for (int k = 0; k < 500; ++k) {
    all.push_back(scored(1 + random.below(60), static_cast<double>(1 + random.below(60))));
    archive.offer(plan_number(static_cast<std::uint16_t>(k)), all.back());
  }
  for (const auto& member : archive.front())
    for (const auto& score : all) EXPECT_FALSE(models::dominates(goal, score, member.score));
  for (const auto& score : all) {
    bool covered = false;
    for (const auto& member : archive.front())
      covered = covered || models::dominates(goal, member.score, score) ||
                (member.score.latency_mean == score.latency_mean &&
                 member.score.energy_joules == score.energy_joules);
    EXPECT_TRUE(covered);
  }
  const auto front = archive.front();
  for (std::size_t k = 1; k < front.size(); ++k) EXPECT_LT(front[k - 1].values, front[k].values);
}

TEST(Archive, ThinsTheCrowdAndKeepsTheExtremes) {
  const auto goal = goal_of({Metric::latency_mean, Metric::energy}, true);
  Archive archive(goal, 5);
  for (int k = 0; k <= 100; ++k) {
    const int at = k * 37 % 101;  // every number from 0 to 100, out of order
    archive.offer(plan_number(static_cast<std::uint16_t>(at)),
                  scored(1000 + at, static_cast<double>(200 - at)));
  }
  const auto front = archive.front();
  ASSERT_EQ(front.size(), 5U);
  EXPECT_EQ(front.front().plan, plan_number(0));
  EXPECT_EQ(front.back().plan, plan_number(100));
  for (std::size_t k = 1; k < front.size(); ++k)
    EXPECT_LT(front[k].plan.device[0] - front[k - 1].plan.device[0], 60);
}

TEST(EpsilonArchive, HasForEveryPlanOneThatIsHardlyWorse) {
  for (const double epsilon : {0.01, 0.1, 0.5}) {
    auto goal = goal_of({Metric::latency_mean, Metric::energy}, true);
    for (auto& one : goal.objectives) one.epsilon = epsilon;
    Archive archive(goal, 1);  // the guarantee comes before the capacity
    models::Random random(3);
    std::vector<Score> all;
    for (int k = 0; k < 3000; ++k) {
      const auto latency = 1 + random.below(10'000);
      all.push_back(scored(
          latency, static_cast<double>(random.below(2000)) + 1e6 / static_cast<double>(latency)));
      archive.offer(plan_number(static_cast<std::uint16_t>(k)), all.back());
    }
    std::vector<double> values(2);
    const auto front = archive.front();
    for (const auto& score : all) {
      goal.values(score, values);
      EXPECT_TRUE(std::any_of(front.begin(), front.end(), [&](const auto& member) {
        return member.values[0] <= (1 + epsilon) * values[0] * (1 + 1e-12) &&
               member.values[1] <= (1 + epsilon) * values[1] * (1 + 1e-12);
      }));
    }
    for (const auto& member : front)
      for (const auto& other : front)
        EXPECT_FALSE(models::dominates(goal, other.score, member.score));
  }
}

TEST(EpsilonArchive, StaysSmallWhereTheFrontIsDense) {
  auto goal = goal_of({Metric::latency_mean, Metric::energy}, true);
  for (auto& one : goal.objectives) one.epsilon = 0.1;
  Archive archive(goal);
  for (int k = 0; k < 5000; ++k)
    archive.offer(plan_number(0), scored(1000 + k, static_cast<double>(6000 - k)));
  // From 1000 to 6000 are 18.8 steps of 10 %.
  EXPECT_LE(archive.front().size(), 20U);
  EXPECT_GE(archive.front().size(), 10U);
}

TEST(EpsilonArchive, KeepsTheFirstOfABoxUntilOneDominatesIt) {
  auto goal = goal_of({Metric::latency_mean, Metric::energy}, true);
  for (auto& one : goal.objectives) one.epsilon = 1;  // boxes from 2^k to 2^(k+1)
  Archive archive(goal);
  archive.offer(plan_number(1), scored(140, 140));
  EXPECT_FALSE(archive.offer(plan_number(2), scored(135, 141)) && archive.front().size() > 1);
  EXPECT_EQ(archive.front().front().plan, plan_number(1));
  EXPECT_TRUE(archive.offer(plan_number(3), scored(139, 140)));
  ASSERT_EQ(archive.front().size(), 1U);
  EXPECT_EQ(archive.front().front().plan, plan_number(3));
}

TEST(EpsilonArchive, PutsTheLimitsFirst) {
  auto goal = goal_of({Metric::latency_mean, Metric::energy}, true);
  for (auto& one : goal.objectives) one.epsilon = 0.1;
  goal.limits.push_back({Metric::energy, 10});
  Archive archive(goal);
  archive.offer(plan_number(1), scored(1, 20));
  archive.offer(plan_number(2), scored(50, 9));
  ASSERT_EQ(archive.front().size(), 1U);
  EXPECT_EQ(archive.front().front().plan, plan_number(2));
}

}  // namespace
