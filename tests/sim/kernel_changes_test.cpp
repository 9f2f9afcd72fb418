// What every kernel keeps to when speeds and bandwidths change, and activities are cancelled.
#include <array>

#include "tests/sim/kernel_contract.h"

namespace {

using namespace kernel_contract;
using sim::Kernel;

class KernelChanges : public Fixture {};

TEST_P(KernelChanges, ANarrowedLinkSlowsWhatIsUnderWay) {
  KernelScript script(kernel(), {rate, rate}, true);
  script.at(0, flow(0, {0}, 2000));
  script.at(0, hold(1, {1}, 2));
  script.at(seconds(1), bandwidth(0, rate / 2));
  script.at(seconds(1), bandwidth(1, rate / 2));
  script.run();
  expect_end(script, 0, 3);
  expect_end(script, 1, 3);
}

TEST_P(KernelChanges, AWidenedLinkSpeedsUpWhatIsUnderWay) {
  KernelScript script(kernel(), {rate, rate}, true);
  script.at(0, flow(0, {0}, 4000));
  script.at(0, hold(1, {1}, 4));
  script.at(seconds(1), bandwidth(0, 2 * rate));
  script.at(seconds(1), bandwidth(1, 2 * rate));
  script.run();
  expect_end(script, 0, 2.5);
  expect_end(script, 1, 2.5);
}

TEST_P(KernelChanges, AHoldGoesAtTheNarrowestOfItsChannels) {
  KernelScript script(kernel(), {2 * rate, rate}, true);
  script.at(0, hold(0, {0, 1}, 4, rate));
  script.at(seconds(1), bandwidth(1, 4 * rate));  // now the first is the narrowest: twice as fast
  script.at(seconds(2), bandwidth(0, rate / 2));
  script.run();
  expect_end(script, 0, 4);
}

TEST_P(KernelChanges, ChangesBeforeTheStartCount) {
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

TEST_P(KernelChanges, WorkGoesAtTheSpeedOfItsDevice) {
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

TEST_P(KernelChanges, AtSpeedZeroEverythingWaits) {
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

TEST_P(KernelChanges, TimersAreNeverSlowed) {
  KernelScript script(kernel(), {rate}, true);
  script.at(0, [](Kernel& it) { it.timer(seconds(2), a(0)); });
  script.at(seconds(1), speed(0, 0));
  script.at(seconds(1), bandwidth(0, 0));
  script.run();
  expect_end(script, 0, 2);
}

TEST_P(KernelChanges, WhatStandsStillForeverEndsTheRun) {
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

TEST_P(KernelChanges, EndsAreRoundedUpToWholePicoseconds) {
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

TEST_P(KernelChanges, AChangeTakenBackAtOnceChangesNothing) {
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

TEST_P(KernelChanges, CancelledActivitiesSayHowFarTheyCameAndNoMore) {
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

TEST_P(KernelChanges, ACancelledFlowLeavesItsShareToTheOthers) {
  KernelScript script(kernel(), {rate}, true);
  script.at(0, flow(0, {0}, 2000));
  script.at(0, flow(1, {0}, 2000));
  script.at(seconds(2), [](Kernel& it) { EXPECT_NEAR(it.cancel(a(1)), 0.5, 1e-9); });
  script.run();
  expect_end(script, 0, 3);
  EXPECT_EQ(script.end(1), -1);
}

TEST_P(KernelChanges, ACancelledActivityCanStartAgain) {
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

INSTANTIATE_TEST_SUITE_P(Kernels, KernelChanges, testing::ValuesIn(kernels_under_test()),
                         [](const auto& each) { return each.param.name; });

}  // namespace
