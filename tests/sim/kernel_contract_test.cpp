#include "tests/sim/kernel_contract.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

// The closed forms are stated for links of 1,000 bytes per second; a "second" here is a
// microsecond.

namespace {

using sim::Kernel;

constexpr std::int64_t second = 1'000'000;  ///< picoseconds
constexpr double rate = 1e9;                ///< bytes per second of "1,000 bytes per second"

constexpr std::int64_t seconds(double count) {
  return static_cast<std::int64_t>(count * second + 0.5);
}

sim::Activity a(int number) {
  return KernelScript::activity(number);
}

KernelScript::Action flow(int number, std::vector<std::int32_t> route, double bytes) {
  return [=](Kernel& kernel) { kernel.flow(a(number), route, bytes); };
}

KernelScript::Action hold(int number, std::vector<std::int32_t> route, double duration,
                          double bandwidth = rate) {
  return [=](Kernel& kernel) { kernel.hold(a(number), route, seconds(duration), bandwidth); };
}

KernelScript::Action work(int number, int device, double amount) {
  return [=](Kernel& kernel) { kernel.work(a(number), device, seconds(amount)); };
}

KernelScript::Action speed(int device, double factor) {
  return [=](Kernel& kernel) { kernel.set_speed(device, factor); };
}

KernelScript::Action bandwidth(std::int32_t channel, double per_second) {
  return [=](Kernel& kernel) { kernel.set_bandwidth(channel, per_second); };
}

class KernelContract : public testing::TestWithParam<KernelUnderTest> {
 protected:
  Kernel& kernel() { return GetParam().kernel(); }
  void expect_end(const KernelScript& script, int number, double expected) {
    expect_end_at(script, number, seconds(expected));
  }
  void expect_end_at(const KernelScript& script, int number, std::int64_t picoseconds) {
    const auto actual = script.end(number);
    EXPECT_LE(std::abs(actual - picoseconds), GetParam().tolerance)
        << "activity " << number << ": expected " << picoseconds << " ps, actual " << actual;
  }
};

TEST_P(KernelContract, OneFlowTakesLatencyAndBytesOverBandwidth) {
  KernelScript script(kernel(), {rate}, false);
  script.at(seconds(0.25), flow(0, {0}, 1000));
  script.run();
  expect_end(script, 0, 1.25);
}

TEST_P(KernelContract, TwoEqualFlowsEndTogether) {
  KernelScript script(kernel(), {rate}, false);
  script.at(0, flow(0, {0}, 1000));
  script.at(0, flow(1, {0}, 1000));
  script.run();
  expect_end(script, 0, 2);
  expect_end(script, 1, 2);
  EXPECT_EQ(script.instants(), (std::vector<std::vector<int>>{{0, 1}}));
}

TEST_P(KernelContract, TheLongerFlowHasTheLinkToItselfInTheEnd) {
  KernelScript script(kernel(), {rate}, false);
  script.at(0, flow(0, {0}, 500));
  script.at(0, flow(1, {0}, 1000));
  script.run();
  expect_end(script, 0, 1);
  expect_end(script, 1, 1.5);
}

TEST_P(KernelContract, ALaterFlowSharesFromItsStart) {
  KernelScript script(kernel(), {rate}, false);
  script.at(seconds(0.1), flow(0, {0}, 1000));
  script.at(seconds(0.3), flow(1, {0}, 1000));
  script.run();
  expect_end(script, 0, 1.9);
  expect_end(script, 1, 2.1);

  KernelScript other(kernel(), {rate}, false);
  other.at(0, flow(0, {0}, 1000));
  other.at(seconds(0.3), flow(1, {0}, 1000));
  other.run();
  expect_end(other, 0, 1.7);
  expect_end(other, 1, 2);
}

TEST_P(KernelContract, FlowsThatStartTogetherNeverExceedTheirFirstLink) {
  KernelScript script(kernel(), {rate, 5 * rate, 7 * rate}, false);
  script.at(seconds(1), flow(0, {0, 1}, 10'000));
  script.at(seconds(1), flow(1, {0, 2}, 10'000));
  script.run();
  expect_end(script, 0, 21);
  expect_end(script, 1, 21);
}

TEST_P(KernelContract, WhatTheNarrowLinkLeavesGoesToTheOther) {
  KernelScript script(kernel(), {rate, 2 * rate}, false);
  script.at(0, flow(0, {0, 1}, 1000));  // half of the narrow one
  script.at(0, flow(1, {0}, 1000));     // the other half
  script.at(0, flow(2, {1}, 3000));     // 2 - 1/2 of the wide one
  script.run();
  for (const int each : {0, 1, 2}) expect_end(script, each, 2);
}

TEST_P(KernelContract, FlowsOfOppositeChannelsDoNotMeet) {
  KernelScript script(kernel(), {rate, rate}, false);
  script.at(0, flow(0, {0}, 1000));
  script.at(0, flow(1, {1}, 1000));
  script.run();
  expect_end(script, 0, 1);
  expect_end(script, 1, 1);
}

/// 0.8 bytes per picosecond: the first ends at 2.5 ps, and the second has exactly 1.2 bytes left.
TEST_P(KernelContract, CapacityIsFreeFromTheExactEnd) {
  if (GetParam().tolerance > 0) GTEST_SKIP() << "needs exact picoseconds";
  KernelScript script(kernel(), {0.8e12}, false);
  script.at(0, flow(0, {0}, 1));
  script.at(0, flow(1, {0}, 2.2));
  script.run();
  expect_end_at(script, 0, 3);
  expect_end_at(script, 1, 4);
}

TEST_P(KernelContract, ManyFlowsShareEqually) {
  KernelScript script(kernel(), {rate}, false);
  for (int f = 0; f < 100; ++f) script.at(0, flow(f, {0}, 1000.0 * (f + 1)));
  script.run();
  // Flow f ends when the f shorter ones are through and the others got as much as it has.
  double expected = 0;
  for (int f = 0; f < 100; ++f) expect_end(script, f, expected += 100 - f);
}

TEST_P(KernelContract, ANarrowedLinkSlowsWhatIsUnderWay) {
  KernelScript script(kernel(), {rate, rate}, true);
  script.at(0, flow(0, {0}, 2000));
  script.at(0, hold(1, {1}, 2));
  script.at(seconds(1), bandwidth(0, rate / 2));
  script.at(seconds(1), bandwidth(1, rate / 2));
  script.run();
  expect_end(script, 0, 3);
  expect_end(script, 1, 3);
}

TEST_P(KernelContract, AWidenedLinkSpeedsUpWhatIsUnderWay) {
  KernelScript script(kernel(), {rate, rate}, true);
  script.at(0, flow(0, {0}, 4000));
  script.at(0, hold(1, {1}, 4));
  script.at(seconds(1), bandwidth(0, 2 * rate));
  script.at(seconds(1), bandwidth(1, 2 * rate));
  script.run();
  expect_end(script, 0, 2.5);
  expect_end(script, 1, 2.5);
}

TEST_P(KernelContract, AHoldGoesAtTheNarrowestOfItsChannels) {
  KernelScript script(kernel(), {2 * rate, rate}, true);
  script.at(0, hold(0, {0, 1}, 4, rate));
  script.at(seconds(1), bandwidth(1, 4 * rate));  // now the first is the narrowest: twice as fast
  script.at(seconds(2), bandwidth(0, rate / 2));
  script.run();
  expect_end(script, 0, 4);
}

TEST_P(KernelContract, ChangesBeforeTheStartCount) {
  KernelScript script(kernel(), {rate, rate}, true);
  script.at(0, bandwidth(0, rate / 2));
  script.at(0, bandwidth(1, rate / 4));
  script.at(0, speed(1, 2));
  script.at(seconds(1), flow(0, {0}, 1000));
  script.at(seconds(1), hold(1, {1}, 1));
  script.at(seconds(1), work(2, 1, 1));
  script.at(seconds(1), work(3, 0, 1));
  script.run();
  expect_end(script, 0, 3);
  expect_end(script, 1, 5);
  expect_end(script, 2, 1.5);
  expect_end(script, 3, 2);
}

TEST_P(KernelContract, WorkGoesAtTheSpeedOfItsDevice) {
  KernelScript script(kernel(), {}, true);
  script.at(0, work(0, 0, 4));
  script.at(0, work(1, 0, 1));
  script.at(0, work(2, 1, 4));
  script.at(seconds(2), speed(0, 0.5));
  script.at(seconds(4), speed(0, 2));
  script.run();
  expect_end(script, 0, 4.5);
  expect_end(script, 1, 1);
  expect_end(script, 2, 4);
}

TEST_P(KernelContract, AtSpeedZeroEverythingWaits) {
  KernelScript script(kernel(), {rate, rate}, true);
  script.at(0, work(0, 0, 2));
  script.at(0, flow(1, {0}, 2000));
  script.at(0, hold(2, {1}, 2));
  script.at(seconds(1), speed(0, 0));
  script.at(seconds(1), bandwidth(0, 0));
  script.at(seconds(1), bandwidth(1, 0));
  script.at(seconds(2), flow(3, {0}, 1000));
  script.at(seconds(3), speed(0, 1));
  script.at(seconds(3), bandwidth(0, rate));
  script.at(seconds(3), bandwidth(1, rate));
  script.run();
  expect_end(script, 0, 4);
  expect_end(script, 1, 5);
  expect_end(script, 2, 4);
  expect_end(script, 3, 5);
}

TEST_P(KernelContract, TimersAreNeverSlowed) {
  KernelScript script(kernel(), {rate}, true);
  script.at(0, [](Kernel& it) { it.timer(seconds(2), a(0)); });
  script.at(seconds(1), speed(0, 0));
  script.at(seconds(1), bandwidth(0, 0));
  script.run();
  expect_end(script, 0, 2);
}

TEST_P(KernelContract, WhatStandsStillForeverEndsTheRun) {
  KernelScript script(kernel(), {rate, rate}, true);
  script.at(0, work(0, 0, 2));
  script.at(0, flow(1, {0}, 2000));
  script.at(0, hold(2, {1}, 2));
  script.at(0, work(3, 1, 5));
  script.at(seconds(1), speed(0, 0));
  script.at(seconds(1), bandwidth(0, 0));
  script.at(seconds(1), bandwidth(1, 0));
  script.run();
  for (const int each : {0, 1, 2}) EXPECT_EQ(script.end(each), -1);
  expect_end(script, 3, 5);

  KernelScript next(kernel(), {rate}, true);  // nothing is left over
  next.at(0, work(0, 0, 1));
  next.at(0, flow(1, {0}, 1000));
  next.run();
  expect_end(next, 0, 1);
  expect_end(next, 1, 1);
}

TEST_P(KernelContract, EndsAreRoundedUpToWholePicoseconds) {
  if (GetParam().tolerance > 0) GTEST_SKIP() << "needs exact picoseconds";
  KernelScript script(kernel(), {}, true);
  script.at(0, speed(0, 0.3));
  script.at(0, speed(1, 1.0 / 3));
  script.at(0, [](Kernel& it) { it.work(a(0), 0, 10); });
  script.at(0, [](Kernel& it) { it.work(a(1), 1, 10); });
  script.run();
  expect_end_at(script, 0, 34);
  expect_end_at(script, 1, 30);
}

TEST_P(KernelContract, AChangeTakenBackAtOnceChangesNothing) {
  KernelScript script(kernel(), {rate}, true);
  script.at(0, work(0, 0, 2));
  script.at(0, flow(1, {0}, 2000));
  for (const double factor : {0.0, 1.0}) {
    script.at(seconds(1), speed(0, factor));
    script.at(seconds(1), bandwidth(0, rate * factor));
  }
  script.run();
  expect_end(script, 0, 2);
  expect_end(script, 1, 2);
}

TEST_P(KernelContract, CancelledActivitiesSayHowFarTheyCameAndNoMore) {
  std::array<double, 4> share{};
  KernelScript script(kernel(), {rate, rate}, true);
  script.at(0, speed(1, 0.5));
  script.at(0, work(0, 1, 4));
  script.at(0, flow(1, {0}, 4000));
  script.at(0, hold(2, {1}, 4));
  script.at(0, [](Kernel& it) { it.timer(seconds(4), a(3)); });
  script.at(seconds(1), [&](Kernel& it) {
    for (const int each : {0, 1, 2, 3})
      share.at(static_cast<std::size_t>(each)) = it.cancel(a(each));
  });
  script.at(seconds(20), work(4, 0, 1));
  script.run();
  EXPECT_NEAR(share[0], 0.125, 1e-9);
  for (const int each : {1, 2, 3})
    EXPECT_NEAR(share.at(static_cast<std::size_t>(each)), 0.25, 1e-9) << each;
  EXPECT_EQ(script.instants(), (std::vector<std::vector<int>>{{4}}));
}

TEST_P(KernelContract, ACancelledFlowLeavesItsShareToTheOthers) {
  KernelScript script(kernel(), {rate}, true);
  script.at(0, flow(0, {0}, 2000));
  script.at(0, flow(1, {0}, 2000));
  script.at(seconds(2), [](Kernel& it) { EXPECT_NEAR(it.cancel(a(1)), 0.5, 1e-9); });
  script.run();
  expect_end(script, 0, 3);
  EXPECT_EQ(script.end(1), -1);
}

TEST_P(KernelContract, ACancelledActivityCanStartAgain) {
  KernelScript script(kernel(), {rate}, true);
  script.at(0, work(0, 0, 4));
  script.at(0, flow(1, {0}, 4000));
  script.at(seconds(1), [](Kernel& it) {
    it.cancel(a(0));
    it.cancel(a(1));
  });
  script.at(seconds(1), work(0, 1, 4));
  script.at(seconds(2), flow(1, {0}, 4000));
  script.run();
  expect_end(script, 0, 5);
  expect_end(script, 1, 6);
}

TEST_P(KernelContract, WhatEndsAtOneInstantIsHeardAtOnceAndInOrder) {
  for (const bool changes : {false, true}) {
    KernelScript script(kernel(), {rate, rate}, changes);
    script.at(0, work(3, 1, 2));
    script.at(0, flow(2, {0}, 2000));
    script.at(0, [](Kernel& it) { it.timer(seconds(2), a(4)); });
    script.at(0, hold(1, {1}, 2));
    script.at(0, work(0, 0, 2));
    script.run();
    if (GetParam().tolerance == 0) {
      EXPECT_EQ(script.instants(), (std::vector<std::vector<int>>{{0, 1, 2, 3, 4}}));
    }
    for (const int each : {0, 1, 2, 3, 4}) expect_end(script, each, 2);
  }
}

TEST_P(KernelContract, WhatTakesNoTimeIsHeardAtTheSameInstant) {
  for (const bool changes : {false, true}) {
    KernelScript script(kernel(), {rate}, changes);
    script.at(seconds(1), work(0, 0, 0));
    script.at(seconds(1), hold(1, {0}, 0));
    script.at(seconds(1), work(2, 0, 1));
    script.run();
    EXPECT_EQ(script.instants(), (std::vector<std::vector<int>>{{0, 1}, {2}}));
    expect_end(script, 0, 1);
    expect_end(script, 1, 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, KernelContract, testing::ValuesIn(kernels_under_test()),
                         [](const auto& each) { return each.param.name; });

}  // namespace
