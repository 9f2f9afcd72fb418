#include "models/goal.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <set>

namespace models {
namespace {

using namespace std::chrono_literals;

Score score_of(Time latency, double joules) {
  Score score;
  score.latency_mean = score.latency_p95 = score.makespan = latency;
  score.energy_joules = joules;
  score.memory_bytes = 1000;
  return score;
}

Goal latency_and_energy() {
  Goal goal;
  goal.objectives = {{.metric = Metric::latency_mean}, {.metric = Metric::energy}};
  return goal;
}

TEST(Metric, NamesAreReadBack) {
  std::set<std::string_view> names;
  for (int i = 0; i < metric_count; ++i) {
    const auto metric = static_cast<Metric>(i);
    EXPECT_TRUE(names.insert(about(metric).name).second);
    EXPECT_EQ(find_metric(about(metric).name), metric);
  }
  EXPECT_EQ(find_metric("latency"), std::nullopt);
  EXPECT_FALSE(about(Metric::throughput).smaller_is_better);
  EXPECT_TRUE(about(Metric::accuracy_loss).estimated);
}

TEST(Metric, ShowsItsUnit) {
  EXPECT_EQ(pretty(Metric::makespan, 0.0123), "12.3 ms");
  EXPECT_EQ(pretty(Metric::memory, 3 * 1024), "3 KiB");
  EXPECT_EQ(pretty(Metric::throughput, 20), "20 /s");
  EXPECT_EQ(pretty(Metric::load_balance, 1.5), "1.5");
  EXPECT_EQ(pretty(Metric::makespan, std::numeric_limits<double>::infinity()), "inf s");
}

TEST(Score, ValuesAreInTheUnitOfTheMetric) {
  Score score = score_of(20ms, 3);
  score.requests = 4;
  score.latency_p50 = 1ms, score.latency_p99 = 2ms, score.period_bound = 3ms;
  score.period_seconds = 0.004, score.transferred_bytes = 5;
  score.load_balance = 6, score.accuracy_loss = 7;
  const std::array<double, metric_count> expected = {0.02,  0.001, 0.02, 0.002, 0.02, 0.004, 0.003,
                                                     200.0, 3,     1000, 5,     6,    7};
  for (int i = 0; i < metric_count; ++i)
    EXPECT_DOUBLE_EQ(score.value(static_cast<Metric>(i)), expected[static_cast<std::size_t>(i)])
        << about(static_cast<Metric>(i)).name;
}

TEST(Percentile, IsTheNearestRank) {
  EXPECT_EQ(percentile_index(1, 50), 0);
  EXPECT_EQ(percentile_index(4, 50), 1);
  EXPECT_EQ(percentile_index(100, 95), 94);
  EXPECT_EQ(percentile_index(3, 99), 2);
}

TEST(Goal, CostWeighsWhatIsRelativeToTheReference) {
  Goal goal = latency_and_energy();
  goal.objectives[1].weight = 3;
  goal.normalise(score_of(10ms, 2));
  EXPECT_DOUBLE_EQ(goal.cost(score_of(10ms, 2)), 4);
  EXPECT_DOUBLE_EQ(goal.cost(score_of(5ms, 4)), 6.5);
}

TEST(Goal, CostFallsWhenThroughputRises) {
  Goal goal;
  goal.objectives = {{.metric = Metric::throughput, .weight = 2}};
  goal.normalise(score_of(10ms, 1));
  EXPECT_DOUBLE_EQ(goal.objectives[0].scale, 100);
  EXPECT_DOUBLE_EQ(goal.cost(score_of(10ms, 1)), 2);
  EXPECT_DOUBLE_EQ(goal.cost(score_of(5ms, 1)), 1);
  double value = 0;
  goal.values(score_of(5ms, 1), std::span(&value, 1));
  EXPECT_DOUBLE_EQ(value, 0.005);
}

TEST(Goal, AZeroReferenceLeavesTheScale) {
  Goal goal = latency_and_energy();
  goal.normalise(score_of(10ms, 0));
  EXPECT_EQ(goal.objectives[1].scale, 1);
}

TEST(Goal, AddsUpRelativeMisses) {
  Goal goal;
  goal.limits = {{Metric::latency_p95, 0.010}, {Metric::energy, 2}, {Metric::throughput, 400}};
  EXPECT_DOUBLE_EQ(goal.violation(score_of(20ms, 1)), 1 + 0.875);
  EXPECT_EQ(goal.violation(score_of(2ms, 1)), 0);
}

TEST(Goal, PutsPlansThatCannotRunLast) {
  Goal goal;
  goal.limits = {{Metric::energy, 1e-9}};
  Score misses = score_of(10ms, 1e9), too_large = score_of(1ms, 0), unsupported = too_large;
  too_large.memory_over = 1;
  unsupported.supported = false;
  Score larger = too_large;
  larger.memory_over = 1'000'000;
  EXPECT_LT(goal.violation(misses), goal.violation(too_large));
  EXPECT_LT(goal.violation(too_large), goal.violation(larger));
  EXPECT_LT(goal.violation(larger), goal.violation(unsupported));
}

TEST(Goal, SaysWhichLimitIsMissedAndByHowMuch) {
  Goal goal;
  goal.limits = {{Metric::latency_p95, 0.010}, {Metric::throughput, 100}, {Metric::energy, 2}};
  EXPECT_EQ(goal.complaint(score_of(12'300us, 1)),
            "latency_p95 is 12.3 ms, limit 10 ms: 23 % over; "
            "throughput is 81.3 /s, limit 100 /s: 19 % under");
  EXPECT_EQ(goal.complaint(score_of(10ms, 2.01)), "energy is 2.01 J, limit 2 J: 0.5 % over");
  EXPECT_EQ(goal.complaint(score_of(10ms, 2)), "");
  Score bad = score_of(20ms, 3);
  bad.supported = false;
  bad.memory_over = 2048;
  EXPECT_EQ(goal.complaint(bad),
            "an operator runs in a format that its device does not support; "
            "2 KiB do not fit into the devices' memory");
}

TEST(Goal, CountsInTimesWhatMissesALimitByFar) {
  Goal goal;
  goal.limits = {{Metric::energy, 2}};
  EXPECT_EQ(goal.complaint(score_of(10ms, 19.9)), "energy is 19.9 J, limit 2 J: 895 % over");
  EXPECT_EQ(goal.complaint(score_of(10ms, 20)), "energy is 20 J, limit 2 J: 10 times the limit");
  EXPECT_EQ(goal.complaint(score_of(10ms, 1180.7)),
            "energy is 1.181 kJ, limit 2 J: 590.4 times the limit");
  EXPECT_EQ(goal.complaint(score_of(10ms, 246'913)),
            "energy is 246.9 kJ, limit 2 J: 123456 times the limit");
  goal.limits = {{Metric::throughput, 1000}};
  EXPECT_EQ(goal.complaint(score_of(9ms, 1)), "throughput is 111.1 /s, limit 1 k/s: 89 % under");
  EXPECT_EQ(goal.complaint(score_of(100ms, 1)),
            "throughput is 10 /s, limit 1 k/s: the limit is 100 times that");
}

TEST(Domination, PrefersFeasibleThenLessMissedThenPareto) {
  Goal goal = latency_and_energy();
  goal.limits = {{Metric::energy, 5}};
  const Score fast = score_of(1ms, 3), frugal = score_of(2ms, 1), worse = score_of(2ms, 3);
  const Score over = score_of(1us, 6), far_over = score_of(1us, 60);
  EXPECT_TRUE(dominates(goal, fast, worse));
  EXPECT_TRUE(dominates(goal, frugal, worse));
  EXPECT_FALSE(dominates(goal, fast, frugal));
  EXPECT_FALSE(dominates(goal, frugal, fast));
  EXPECT_FALSE(dominates(goal, fast, fast));
  EXPECT_TRUE(dominates(goal, worse, over));
  EXPECT_TRUE(dominates(goal, over, far_over));
  EXPECT_FALSE(dominates(goal, over, over));
}

TEST(Goal, APenaltyCostsItsWeightTimesTheRelativeExcess) {
  auto goal = latency_and_energy();
  auto score = score_of(2s, 3);
  score.transferred_bytes = 1500;
  score.load_balance = 1.1;
  const double plain = goal.cost(score);
  goal.penalties = {{Metric::transferred_bytes, 1000, 2}, {Metric::load_balance, 1.2, 5}};
  EXPECT_DOUBLE_EQ(goal.cost(score), plain + 2 * 0.5);
  score.load_balance = 1.5;
  EXPECT_DOUBLE_EQ(goal.cost(score), plain + 2 * 0.5 + 5 * 0.25);
  EXPECT_EQ(goal.violation(score), 0) << "costs, but is no limit";
  EXPECT_EQ(goal.complaint(score), "");
}

TEST(Goal, APenaltyOnThroughputIsForTooLittle) {
  Goal goal;
  goal.penalties = {{Metric::throughput, 4, 1}};
  auto score = score_of(1s, 1);  // one request in a second
  EXPECT_DOUBLE_EQ(goal.cost(score), 0.75);
  goal.penalties = {{Metric::throughput, 0.5, 1}};
  EXPECT_EQ(goal.cost(score), 0);
}

TEST(Goal, TransfersAndLoadBalanceAreObjectivesLikeOthers) {
  Goal goal;
  goal.objectives = {{Metric::transferred_bytes, 1, 2000}, {Metric::load_balance, 0.5, 2}};
  auto score = score_of(1s, 1);
  score.transferred_bytes = 500;
  score.load_balance = 3;
  EXPECT_DOUBLE_EQ(goal.cost(score), 0.25 + 0.75);
  auto better = score;
  better.load_balance = 2;
  EXPECT_TRUE(dominates(goal, better, score));
}

}  // namespace
}  // namespace models
