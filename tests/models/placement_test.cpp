#include "models/placement/placement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "models/error.h"
#include "models/placement/fault.h"
#include "models/placement/holdable.h"
#include "models/random.h"
#include "tests/models/placement_sample.h"

namespace {

using models::evaluate;
using models::least_room;
using models::Placement;
using models::PlacementFault;
using models::Random;
using Objective = models::PlacementProblem::Objective;
using models::SamplePlacement;

constexpr auto ms = &SamplePlacement::ms;

/// 0 is read by 1, 2 and 3; 1 and 2 by 3.
SamplePlacement fork(Objective objective) {
  SamplePlacement sample(objective);
  sample.node(10, 1, 5).node(20, 2, 7).node(30, 3, 11).node(40, 4, 13);
  sample.edge(0, 1).edge(0, 2).edge(0, 3).edge(1, 3).edge(2, 3);
  return sample;
}

std::string complaint(SamplePlacement sample) {
  try {
    sample.finished();
  } catch (const models::InputError& error) {
    return error.what();
  }
  return "fine";
}

TEST(Placement, ALoadCountsEachOutputOnceInAndOnceOut) {
  const auto problem = fork(Objective::throughput).finished();
  const auto score = evaluate(problem, {0, 1, 1, 0});
  ASSERT_TRUE(score.valid) << score.fault;
  // Accelerator 0: 1 + 4, out c(0), in c(1) and c(2). Accelerator 1: 2 + 3, in c(0), out both.
  EXPECT_EQ(score.load, (std::vector{ms(5 + 5 + 18), ms(5 + 5 + 18), ms(0)}));
  EXPECT_EQ(score.value, ms(28));
}

TEST(Placement, ACpuPaysNothingForMoving) {
  const auto problem = fork(Objective::throughput).finished();
  const auto score = evaluate(problem, {2, 1, 2, 2});
  ASSERT_TRUE(score.valid);
  EXPECT_EQ(score.load, (std::vector{ms(0), ms(2 + 5 + 7), ms(80)}));
}

TEST(Placement, EdgesGivenTwiceCountOnce) {
  const auto once = evaluate(fork(Objective::throughput).finished(), {0, 1, 1, 0});
  const auto twice = evaluate(fork(Objective::throughput).edge(0, 1).finished(), {0, 1, 1, 0});
  EXPECT_EQ(once.load, twice.load);
}

TEST(Placement, LatencyRunsASetAtOnceAndCpusInParallel) {
  const auto problem = fork(Objective::latency).finished();
  EXPECT_EQ(evaluate(problem, {2, 2, 2, 2}).value, ms(10 + 30 + 40));
  EXPECT_EQ(evaluate(problem, {0, 0, 0, 0}).value, ms(10));
  // 10, then in c(0) + 2 + out c(1) beside 30 on a CPU, then 40.
  EXPECT_EQ(evaluate(problem, {2, 0, 2, 2}).value, ms(10 + 30 + 40));
  // The set of 1 and 2 starts after 0 and ends as one.
  EXPECT_EQ(evaluate(problem, {2, 0, 0, 1}).value,
            ms(10 + (5 + 2 + 3 + 7 + 11) + (5 + 7 + 11 + 4)));
}

TEST(Placement, SetsThatWaitForEachOtherAreInvalidForLatencyOnly) {
  const Placement crossed = {0, 1, 1, 0};
  const auto score = evaluate(fork(Objective::latency).finished(), crossed);
  EXPECT_FALSE(score.valid);
  EXPECT_EQ(score.fault,
            "sets wait for each other in a circle: accelerator 0, accelerator 1, again "
            "accelerator 0");
  EXPECT_TRUE(evaluate(fork(Objective::throughput).finished(), crossed).valid);
}

TEST(Placement, ASetThatWaitsForItselfThroughACpuIsInvalid) {
  const auto score = evaluate(fork(Objective::latency).finished(), {0, 2, 0, 0});
  EXPECT_EQ(score.fault,
            "sets wait for each other in a circle: accelerator 0, node 1, again accelerator 0");
}

TEST(Placement, MemoryCountsPerAcceleratorAndNotOnCpus) {
  auto sample = SamplePlacement().node(1, 1, 0, 60).node(1, 1, 0, 50).node(1, 1, 0, 70);
  sample.problem.memory = 100;
  const auto problem = sample.finished();
  const auto score = evaluate(problem, {0, 0, 1});
  EXPECT_FALSE(score.valid);
  EXPECT_EQ(score.memory_over, 10);
  EXPECT_EQ(score.fault, "accelerator 0 holds 110 bytes and has 100");
  EXPECT_TRUE(evaluate(problem, {2, 0, 2}).valid);
}

TEST(Placement, WhatIsNotAllowedIsSaid) {
  auto sample = SamplePlacement().node(1, 1, 0, 1, 7).node(1, 1, 0, 1, 7).node(1, 1, 0);
  sample.problem.nodes[2].on_accelerator = false;
  const auto problem = sample.finished();
  EXPECT_EQ(evaluate(problem, {0, 1, 2}).fault,
            "node 0 and node 1 are of one colour class and on two devices");
  EXPECT_EQ(evaluate(problem, {0, 0, 1}).fault,
            "node 2 is on an accelerator, which does not support it");
  EXPECT_EQ(evaluate(problem, {0, 0, 3}).fault, "node 2 is on device 3, there are 3");
  EXPECT_EQ(evaluate(problem, {0, 0}).fault, "the placement has 2 nodes, the graph 3");
}

TEST(Placement, ContiguousMeansDevicesInARow) {
  const auto problem = fork(Objective::throughput).finished();
  EXPECT_TRUE(is_contiguous(problem, {0, 1, 1, 2}));
  EXPECT_TRUE(is_contiguous(problem, {2, 2, 0, 0}));
  EXPECT_FALSE(is_contiguous(problem, {0, 1, 1, 0}));
  EXPECT_TRUE(is_contiguous(problem, {0, 1, 0, 1}));
  EXPECT_FALSE(is_contiguous(problem, {0, 0, 1, 0}));
}

TEST(Placement, ContiguityIsOfTheForwardGraph) {
  auto sample = SamplePlacement().node(1, 1, 0).node(1, 1, 0).node(1, 1, 0);
  sample.edge(0, 1).edge(1, 2);
  sample.problem.nodes[2].backward = true;
  EXPECT_TRUE(is_contiguous(sample.finished(), {0, 1, 0}));
}

TEST(Placement, NodesAreSortedAndGroupsNumberedByTheFile) {
  auto sample = SamplePlacement().node(1, 1, 0, 1, 9).node(1, 1, 0, 1, 4).node(1, 1, 0, 1, 9);
  const auto problem = sample.edge(2, 0).edge(1, 0).finished();
  EXPECT_EQ(problem.sorted, (std::vector{1, 2, 0}));
  EXPECT_EQ(problem.group_of, (std::vector{0, 1, 0}));
  EXPECT_EQ(problem.groups(), 2);
}

TEST(PlacementErrors, ACircleIsNamed) {
  EXPECT_EQ(
      complaint(fork(Objective::throughput).edge(3, 1)),
      "the edge from node 3 to node 1 closes a circle: 1 -> 3 -> 1; take one of its edges out");
  EXPECT_EQ(complaint(fork(Objective::throughput).edge(3, 3)),
            "the edge leads from node 3 to itself; take it out");
}

TEST(PlacementErrors, NoNodesAndNoDevices) {
  EXPECT_EQ(complaint(SamplePlacement()), "the graph has no nodes; give it at least one");
  auto sample = fork(Objective::throughput);
  sample.problem.accelerators = sample.problem.cpus = 0;
  EXPECT_EQ(complaint(sample),
            "there is no device: neither accelerators nor CPUs; ask for some by maxFPGAs or "
            "--devices, maxCPUs or --cpus");
}

TEST(PlacementErrors, AColourClassThatNoDeviceTakes) {
  auto sample = SamplePlacement().node(1, 1, 0, 1, 3).node(1, 1, 0, 1, 3);
  sample.problem.cpus = 0;
  sample.problem.nodes[1].on_accelerator = false;
  EXPECT_EQ(complaint(sample),
            "no device can take the nodes of one colour class (0 and 1): there is no CPU, and node "
            "1 is not supported on accelerators; allow CPUs (maxCPUs or --cpus), or change the "
            "colour class");
}

TEST(PlacementErrors, MemoryThatHoldsNothingSaysHowMuchIsMissing) {
  auto sample = SamplePlacement().node(1, 1, 0, 60, 3).node(1, 1, 0, 50, 3).node(1, 1, 0, 40);
  sample.problem.cpus = 0;
  sample.problem.memory = 100;
  EXPECT_EQ(complaint(sample),
            "no device can take the nodes of one colour class (0 and 1): there is no CPU, they "
            "take 110 bytes, an accelerator has 100: 10 bytes are missing; allow CPUs (maxCPUs or "
            "--cpus), give accelerators more memory or split the colour class");
  sample.colours = {-1, -1, -1};
  EXPECT_EQ(complaint(sample), "fine");
  sample.problem.accelerators = 1;
  EXPECT_EQ(complaint(sample),
            "memory cannot hold any placement: there is no CPU, all nodes take 150 bytes, the "
            "accelerator has 100: 50 bytes are missing; allow CPUs (maxCPUs or --cpus), or give "
            "the accelerators at least 150 bytes");
}

TEST(PlacementErrors, LargeNodesThatDoNotPairUp) {
  auto sample = SamplePlacement().node(1, 1, 0, 60).node(1, 1, 0, 60).node(1, 1, 0, 55);
  sample.problem.cpus = 0;
  sample.problem.memory = 100;
  EXPECT_EQ(
      complaint(sample),
      "memory cannot hold any placement: there is no CPU, and nodes and colour classes cannot "
      "be packed into 2 accelerators of 100 bytes: each would need at least 115, 15 bytes "
      "are missing; allow CPUs (maxCPUs or --cpus), more accelerators (maxFPGAs or "
      "--devices) or more memory");
}

/// By trying every way of packing.
std::int64_t room_needed(const std::vector<std::int64_t>& sizes, std::size_t bins) {
  std::int64_t best = std::numeric_limits<std::int64_t>::max();
  std::vector<std::size_t> bin(sizes.size());
  while (true) {
    std::vector<std::int64_t> full(bins);
    for (std::size_t i = 0; i < sizes.size(); ++i) full[bin[i]] += sizes[i];
    best = std::min(best, *std::max_element(full.begin(), full.end()));
    std::size_t digit = 0;
    while (digit < bin.size() && ++bin[digit] == bins) bin[digit++] = 0;
    if (digit == bin.size()) return best;
  }
}

TEST(PlacementErrors, WhatPackingNeedsIsExactForFewNodes) {
  Random random(11);
  int missing = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<std::int64_t> sizes;
    for (auto count = 1 + random.below(7); count > 0; --count) sizes.push_back(random.below(50));
    const auto bins = 1 + random.below(3);
    const auto room = random.below(100);
    const auto needed = room_needed(sizes, static_cast<std::size_t>(bins));
    EXPECT_EQ(least_room(sizes, static_cast<int>(bins), room), std::max(room, needed));
    missing += needed > room;
  }
  EXPECT_GT(missing, 50);
}

TEST(PlacementErrors, PackingOfVeryManyNodesEnds) {
  const std::vector<std::int64_t> sizes(100'000, 3);
  EXPECT_EQ(least_room(sizes, 1000, 299), 300);
  EXPECT_EQ(least_room(std::vector<std::int64_t>(2001, 3), 1000, 8), 9);
  EXPECT_EQ(least_room(sizes, 100'000, 3), 3);
}

TEST(PlacementErrors, SayWhichPartShowsThem) {
  const auto fault = [](SamplePlacement sample) {
    try {
      sample.finished();
    } catch (const PlacementFault& thrown) {
      return std::pair(thrown.part(), thrown.index());
    }
    return std::pair(PlacementFault::Part::nodes, -7);
  };
  using Part = PlacementFault::Part;
  // The edges of a circle, of which the one given last closes it.
  auto ring = SamplePlacement();
  for (int i = 0; i < 3; ++i) ring.node(1, 1, 0, 50 + i, 2);
  EXPECT_EQ(fault(SamplePlacement(ring).node(1, 1, 0).edge(2, 0).edge(0, 1).edge(1, 2).edge(0, 3)),
            std::pair(Part::edge, 2));
  EXPECT_EQ(fault(SamplePlacement(ring).edge(0, 1).edge(1, 1)), std::pair(Part::edge, 1));
  ring.problem.cpus = 0;
  ring.problem.memory = 100;
  EXPECT_EQ(fault(ring), std::pair(Part::node, 2)) << "the largest";
  ring.problem.nodes[1].on_accelerator = false;
  EXPECT_EQ(fault(ring), std::pair(Part::node, 1));
}

TEST(PlacementErrors, SumsStayInRange) {
  auto sample = SamplePlacement();
  for (int i = 0; i < 3; ++i) sample.node(1, 1, 0);
  for (auto& node : sample.problem.nodes) node.cpu = models::Time(1LL << 60);
  EXPECT_EQ(complaint(sample),
            "the times of all nodes add up to too much at node 1 (the limit is 26 days): make "
            "times shorter");
}

}  // namespace
