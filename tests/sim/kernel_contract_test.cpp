// What every kernel keeps to while nothing changes.
#include "tests/sim/kernel_contract.h"

namespace {

using namespace kernel_contract;
using sim::Kernel;

class KernelContract : public Fixture {};

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
