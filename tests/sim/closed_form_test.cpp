// Small executions whose times are worked out by hand.
#include <gtest/gtest.h>

#include "sim/event_engine.h"
#include "tests/sim/hand_made.h"

namespace {

using models::Link;
using models::Outcome;
using models::Time;
using models::Workload;
using namespace std::chrono_literals;
using Discipline = models::Plan::Discipline;

Outcome executed(const HandMade& made) {
  const auto problem = made.problem();
  return sim::make_event_engine(problem, {.timeline = true})->execute(made.plan(*problem));
}

/// When the tensor was present at its target, in seconds.
double arrival(const Outcome& outcome, const std::string& tensor) {
  for (const auto& record : outcome.timeline.records) {
    const auto& task = outcome.timeline.tasks.at(static_cast<std::size_t>(record.task));
    if (task.kind == models::Timeline::Kind::transfer && task.name == tensor)
      return static_cast<double>(record.end) * 1e-12;
  }
  ADD_FAILURE() << tensor << " was never sent";
  return -1;
}

constexpr double exact = 2e-12;  ///< seconds: two picoseconds

TEST(ClosedForm, AChainOnOneDeviceTakesTheSumOfDurations) {
  HandMade made;
  made.add_device("cpu");
  int last = made.add_input(400);
  for (int i = 1; i <= 5; ++i)
    last = made.add_operator("op" + std::to_string(i), "cpu", {last}, 400, Time(1000 * i));
  made.add_output(last);
  EXPECT_EQ(executed(made).score.latency_mean, Time(15'000));
}

TEST(ClosedForm, AFifoTransferHoldsThenTravels) {
  HandMade made;
  made.add_device("a");
  made.add_device("b");
  made.add_link("l", {"a", "b"}, 1000, Link::Sharing::fifo, 300ms);
  const int made_by_a = made.add_operator("x", "a", {}, 1000);
  made.add_output(made.add_operator("y", "b", {made_by_a}, 400, 2s));
  made.workload.sink = "b";
  EXPECT_EQ(executed(made).score.makespan, Time(3'300'000'000'000));
}

TEST(ClosedForm, FifoTransfersOfOneLinkFollowEachOtherAndLatenciesOverlap) {
  HandMade made;
  made.add_device("a");
  made.add_device("b");
  made.add_link("l", {"a", "b"}, 1000, Link::Sharing::fifo, 300ms);
  for (const std::string name : {"x", "y"})
    made.add_output(
        made.add_operator(name + "2", "b", {made.add_operator(name, "a", {}, 1000)}, 4));
  made.workload.sink = "b";
  const auto outcome = executed(made);
  EXPECT_NEAR(arrival(outcome, "x.out"), 1.3, exact);
  EXPECT_NEAR(arrival(outcome, "y.out"), 2.3, exact);
}

/// Two flows over one fair link of 1,000 B/s, with latencies of their own before it.
Outcome two_flows(std::int64_t first_bytes, Time first_latency, std::int64_t second_bytes,
                  Time second_latency) {
  HandMade made;
  made.add_device("a");
  made.add_device("b");
  made.add_device("c");
  made.add_link("la", {"a", "s"}, 1e9, Link::Sharing::fair, first_latency);
  made.add_link("lb", {"b", "s"}, 1e9, Link::Sharing::fair, second_latency);
  made.add_link("l", {"s", "c"}, 1000, Link::Sharing::fair);
  made.add_switch("s");
  const int x = made.add_operator("x", "a", {}, first_bytes);
  const int y = made.add_operator("y", "b", {}, second_bytes);
  made.add_output(made.add_operator("z", "c", {x, y}, 4));
  made.workload.sink = "c";
  return executed(made);
}

TEST(ClosedForm, FairFlowsOfOneLink) {
  struct Expected {
    std::int64_t first_bytes;
    Time first_latency;
    std::int64_t second_bytes;
    Time second_latency;
    double first, second;
  };
  for (const auto& e : {Expected{1000, 0s, 1000, 0s, 2.0, 2.0},
                        {500, 0s, 1000, 0s, 1.0, 1.5},
                        {1000, 100ms, 1000, 300ms, 1.9, 2.1},
                        {1000, 0s, 1000, 300ms, 1.7, 2.0},
                        {1000, 250ms, 1000, 250ms, 2.25, 2.25}}) {
    const auto outcome =
        two_flows(e.first_bytes, e.first_latency, e.second_bytes, e.second_latency);
    EXPECT_NEAR(arrival(outcome, "x.out"), e.first, exact);
    EXPECT_NEAR(arrival(outcome, "y.out"), e.second, exact);
  }
}

TEST(ClosedForm, OneFairFlowTakesLatencyAndBytes) {
  HandMade made;
  made.add_device("a");
  made.add_device("b");
  made.add_link("l", {"a", "b"}, 1000, Link::Sharing::fair, 700ms);
  made.add_output(made.add_operator("x", "a", {}, 1000));
  made.workload.sink = "b";
  EXPECT_EQ(executed(made).score.makespan, Time(1'700'000'000'000));
}

TEST(ClosedForm, MaxMinOverTwoLinks) {
  // A crosses both, B the first, C the second: A = B = c1/2, C = c2 - c1/2.
  HandMade made;
  for (const std::string name : {"a", "b", "c", "d"}) made.add_device(name);
  made.add_switch("s");
  made.add_switch("t");
  made.add_link("a-s", {"a", "s"}, 1e9, Link::Sharing::fair);
  made.add_link("first", {"s", "t"}, 1000, Link::Sharing::fair);
  made.add_link("t-b", {"t", "b"}, 1e9, Link::Sharing::fair);
  made.add_link("c-t", {"c", "t"}, 1e9, Link::Sharing::fair);
  made.add_link("second", {"t", "d"}, 3000, Link::Sharing::fair);
  const int across = made.add_operator("A", "a", {}, 1000);
  const int first = made.add_operator("B", "a", {}, 1000);
  const int second = made.add_operator("C", "c", {}, 5000);
  made.add_output(made.add_operator("at_b", "b", {first}, 4));
  made.add_output(made.add_operator("at_d", "d", {across, second}, 4));
  made.workload.sink = "d";
  const auto outcome = executed(made);
  EXPECT_NEAR(arrival(outcome, "A.out"), 2.0, exact);
  EXPECT_NEAR(arrival(outcome, "B.out"), 2.0, exact);
  EXPECT_NEAR(arrival(outcome, "C.out"), 2.0, exact);
}

double end_of_opposite_flows(Link::Duplex duplex) {
  HandMade made;
  made.add_device("a");
  made.add_device("b");
  made.add_link("l", {"a", "b"}, 1000, Link::Sharing::fair).duplex = duplex;
  const int x = made.add_operator("x", "a", {}, 1000);
  const int y = made.add_operator("y", "b", {}, 1000);
  made.add_output(x);
  made.add_output(made.add_operator("at_a", "a", {y}, 4));
  made.workload.sink = "b";
  return arrival(executed(made), "x.out");
}

TEST(ClosedForm, OppositeFlowsShareOnlyHalfDuplexLinks) {
  EXPECT_NEAR(end_of_opposite_flows(Link::Duplex::full), 1.0, exact);
  EXPECT_NEAR(end_of_opposite_flows(Link::Duplex::half), 2.0, exact);
}

TEST(ClosedForm, StrictWaitsForTheNextInOrderAndReadyDoesNot) {
  // b1 ranks first on b but waits for a; b2 could run at once.
  const auto makespan = [](Discipline discipline) {
    HandMade made;
    made.discipline = discipline;
    made.add_device("a");
    made.add_device("b");
    made.add_link("l", {"a", "b"}, 1e12, Link::Sharing::fifo);
    const int x = made.add_operator("a1", "a", {}, 4, Time(1000));
    made.add_output(made.add_operator("b1", "b", {x}, 4, Time(1000)));
    made.add_output(made.add_operator("b2", "b", {}, 4, Time(1000)));
    made.workload.sink = "b";
    return executed(made).score.makespan;
  };
  EXPECT_EQ(makespan(Discipline::ready), Time(2004));
  EXPECT_EQ(makespan(Discipline::strict), Time(3004));
}

TEST(ClosedForm, AClosedWorkloadFillsAPipeline) {
  // Two stages of 1,000 ps on two devices: with two in flight one request ends every 1,000 ps.
  HandMade made;
  made.add_device("a");
  made.add_device("b");
  made.add_link("l", {"a", "b"}, 4e12, Link::Sharing::fifo);
  const int x = made.add_operator("first", "a", {}, 4, Time(1000));
  made.add_output(made.add_operator("second", "b", {x}, 4, Time(999)));
  made.workload.sink = "b";
  made.workload.requests = 10;
  made.workload.in_flight = 1;
  EXPECT_EQ(executed(made).score.makespan, Time(10 * 2000));
  made.workload.in_flight = 2;
  EXPECT_EQ(executed(made).score.makespan, Time(2000 + 9 * 1000));
  EXPECT_DOUBLE_EQ(executed(made).score.period_seconds, 1e-9);
}

TEST(ClosedForm, SlotsRunSideBySide) {
  HandMade made;
  made.add_device("cpu", 2);
  for (const std::string name : {"x", "y", "z"})
    made.add_output(made.add_operator(name, "cpu", {}, 4, Time(1000)));
  const auto outcome = executed(made);
  EXPECT_EQ(outcome.score.makespan, Time(2000));
  EXPECT_EQ(outcome.devices[0].time.compute, 3000);
  EXPECT_EQ(outcome.devices[0].time.idle, 1000);
}

TEST(ClosedForm, ARequestWaitsForTheMemoryOfTheLast) {
  HandMade made;
  made.add_device("cpu", 2);
  made.add_output(made.add_operator("x", "cpu", {}, 400, Time(1000)));
  made.workload.requests = 3;
  made.workload.in_flight = 3;
  const auto problem = made.problem();
  const auto plan = made.plan(*problem);
  const auto weights = 4;
  problem->capacity[0] = weights + 2 * 400 + 399;  // room for two
  const auto outcome = sim::make_event_engine(problem, {.timeline = true})->execute(plan);
  EXPECT_EQ(outcome.latencies, (std::vector<std::int64_t>{1000, 1000, 2000}));
  EXPECT_EQ(outcome.latency.wait_memory, 1000);
  EXPECT_EQ(outcome.devices[0].observed_peak, weights + 800);
}

TEST(ClosedForm, ALatencyIsSplitIntoWhatItWasSpentOn) {
  HandMade made;
  made.add_device("a");
  made.add_device("b");
  made.add_link("l", {"a", "b"}, 1e12, Link::Sharing::fifo, Time(300));
  const int x = made.add_operator("x", "a", {}, 3000, Time(1000));
  made.add_output(made.add_operator("y", "b", {x}, 4, Time(500)));
  made.workload.sink = "b";
  made.workload.requests = 2;
  made.workload.in_flight = 2;
  const auto hold = models::transfer_time({3000}, {1e12}).count();
  // The second request waits 1,000 ps for a, then for the rest of the first one's transfer.
  const auto outcome = executed(made);
  EXPECT_EQ(outcome.latencies, (std::vector<std::int64_t>{1800 + hold, 1800 + 2 * hold}));
  EXPECT_EQ(outcome.latency.compute, 3000);
  EXPECT_EQ(outcome.latency.sending, 2 * hold);
  EXPECT_EQ(outcome.latency.link_latency, 600);
  EXPECT_EQ(outcome.latency.wait_device, 1000);
  EXPECT_EQ(outcome.latency.wait_link, hold - 1000);
  EXPECT_EQ(outcome.latency.total(), 3600 + 3 * hold);
}

}  // namespace
