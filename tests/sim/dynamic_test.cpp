// Events, failures, limits, several networks and batches: executions worked out by hand.
#include <gtest/gtest.h>

#include "sim/event_engine.h"
#include "tests/sim/hand_made.h"

namespace {

using models::Link;
using models::Outcome;
using models::Time;
using models::Timeline;
using namespace std::chrono_literals;
using What = models::Event::What;
using Arrivals = models::Workload::Arrivals;
using Sharing = Link::Sharing;

/// Executes, and checks what holds for every execution.
Outcome executed(const HandMade& made) {
  const auto problem = made.problem();
  const auto plan = made.plan(*problem);
  auto outcome = sim::make_event_engine(problem, {.timeline = true})->execute(plan);
  EXPECT_EQ(outcome.infeasible, "");
  std::int64_t sum = 0;
  for (const auto latency : outcome.latencies) sum += std::max<std::int64_t>(latency, 0);
  EXPECT_EQ(outcome.latency.total(), sum);
  for (std::size_t d = 0; d < outcome.devices.size(); ++d)
    EXPECT_EQ(outcome.devices[d].time.total(), problem->slots[d] * outcome.score.makespan.count())
        << outcome.devices[d].name;
  const auto score = sim::make_event_evaluator(problem)->score(plan);
  EXPECT_EQ(score.makespan, outcome.score.makespan);
  EXPECT_EQ(score.unfinished, outcome.score.unfinished);
  EXPECT_EQ(score.energy_joules, outcome.score.energy_joules);
  EXPECT_EQ(outcome.stall.empty(), score.feasible());
  return outcome;
}

/// All attempts at a task, in order: "x 0 2000 lost" in milliseconds.
std::string attempts(const Outcome& outcome, const std::string& name) {
  std::string text;
  const auto milliseconds = [](std::int64_t when) {
    EXPECT_EQ(when % 1'000'000'000, 0) << when;
    return std::to_string(when / 1'000'000'000);
  };
  for (const auto& record : outcome.timeline.records) {
    if (outcome.timeline.tasks.at(static_cast<std::size_t>(record.task)).name != name) continue;
    text += (text.empty() ? "" : ", ") + milliseconds(record.start) + "-" +
            milliseconds(record.end) + (record.lost ? " lost" : "");
  }
  return text;
}

// Speeds.

HandMade one_task(Time duration) {
  HandMade made;
  made.add_device("a");
  made.add_output(made.add_operator("x", "a", {}, 4, duration));
  return made;
}

TEST(Speed, HalvedMidwayTheRestTakesTwiceAsLong) {
  auto made = one_task(3s);
  made.add_event("a", 1s, What::speed, 0.5);
  EXPECT_EQ(attempts(executed(made), "x"), "0-5000");
}

TEST(Speed, OfAThirdIsRoundedUpOnce) {
  auto made = one_task(Time(1000));
  made.add_event("a", Time(500), What::speed, 0.3);
  EXPECT_EQ(executed(made).score.makespan, Time(500 + 1667));
}

TEST(Speed, AtZeroAndBackTheTimeBetweenIsAdded) {
  auto made = one_task(3s);
  made.add_event("a", 1s, What::speed, 0);
  made.add_event("a", 8s, What::speed, 2);
  EXPECT_EQ(attempts(executed(made), "x"), "0-9000");
}

TEST(Speed, AndLoadMultiply) {
  auto made = one_task(3s);
  made.add_event("a", 1s, What::load, 0.5);
  made.add_event("a", 1s, What::speed, 0.5);
  made.add_event("a", 5s, What::load, 0);
  EXPECT_EQ(attempts(executed(made), "x"), "0-7000");
}

TEST(Speed, ThatComesBeforeTheStartHolds) {
  auto made = one_task(3s);
  made.workload.arrivals = Arrivals::trace;
  made.workload.trace = {2s};
  made.add_event("a", 1s, What::speed, 3);
  EXPECT_EQ(attempts(executed(made), "x"), "2000-3000");
}

TEST(Speed, EndsAtAnInstantBeforeTheEventOfThatInstant) {
  auto made = one_task(3s);
  made.add_event("a", 3s, What::fails);
  EXPECT_EQ(attempts(executed(made), "x"), "0-3000");
}

// Links.

/// One transfer of 3,000 bytes at 1,000 B/s after 200 ms or before them.
HandMade one_transfer(Sharing sharing, std::int64_t bytes = 3000) {
  HandMade made;
  made.add_device("a");
  made.add_device("b");
  made.add_link("l", {"a", "b"}, 1000, sharing, 200ms);
  made.add_output(made.add_operator("y", "b", {made.add_operator("x", "a", {}, bytes)}, 4, 1s));
  made.workload.sink = "b";
  return made;
}

TEST(LinkLoad, SlowsAHoldThatIsUnderWay) {
  auto made = one_transfer(Sharing::fifo);
  made.add_event("l", 1s, What::load, 0.5);
  EXPECT_EQ(attempts(executed(made), "x.out"), "0-5200");
}

TEST(LinkLoad, SlowsAFlowThatIsUnderWay) {
  auto made = one_transfer(Sharing::fair);
  made.add_event("l", 1s, What::load, 0.5);
  EXPECT_EQ(attempts(executed(made), "x.out"), "0-5400");
}

TEST(LinkWidth, CarriesNothingWhileItChangesThenTheNewWidth) {
  for (const auto sharing : {Sharing::fifo, Sharing::fair}) {
    HandMade made;
    made.add_device("a");
    made.add_device("b");
    auto& link = made.add_link("l", {"a", "b"}, 1000, sharing);
    link.lanes = 2;
    link.width_change_time = 500ms;
    link.width_change_energy = {7};
    link.lane_idle_power = {10};
    made.add_output(made.add_operator("y", "b", {made.add_operator("x", "a", {}, 6000)}, 4, 1s));
    made.workload.sink = "b";
    made.add_event("l", 1s, What::lanes, 1);
    made.add_event("l", 3s, What::lanes, 2);
    const auto outcome = executed(made);
    // 2,000 bytes until 1 s, 1,500 from 1.5 s to 3 s, 2,500 from 3.5 s on.
    EXPECT_EQ(attempts(outcome, "x.out"), "0-4750");
    EXPECT_DOUBLE_EQ(outcome.energy.width_changes, 14);
    // Two lanes until 1.5 s and from 3 s to 5.75 s, one between.
    EXPECT_DOUBLE_EQ(outcome.energy.static_links, 10 * (2 * 1.5 + 1.5 + 2 * 2.75));
  }
}

TEST(LinkWidth, AChangeDuringAnotherReplacesItAndTakesItsWholeTime) {
  HandMade made;
  made.add_device("a");
  made.add_device("b");
  auto& link = made.add_link("l", {"a", "b"}, 1000, Sharing::fifo);
  link.lanes = 4;
  link.width_change_time = 1s;
  link.lane_idle_power = {1};
  made.add_output(made.add_operator("y", "b", {made.add_operator("x", "a", {}, 8000)}, 4));
  made.workload.sink = "b";
  made.add_event("l", 1s, What::lanes, 1);
  made.add_event("l", 1500ms, What::lanes, 2);
  const auto outcome = executed(made);
  EXPECT_EQ(attempts(outcome, "x.out"), "0-4500");
  EXPECT_DOUBLE_EQ(outcome.energy.static_links, 4 * 2.5 + 2 * 2);
}

// Failures.

TEST(DeviceFailure, LosesWhatRunsAndStartsItAgain) {
  auto made = one_task(3s);
  made.device("a").memory_energy = {1};
  made.add_event("a", 1s, What::fails);
  made.add_event("a", 2s, What::returns);
  const auto problem = made.problem();
  const auto outcome = executed(made);
  EXPECT_EQ(attempts(outcome, "x"), "0-1000 lost, 2000-5000");
  EXPECT_EQ(outcome.devices[0].time.lost, Time(1s).count());
  EXPECT_EQ(outcome.devices[0].time.down, Time(1s).count());
  EXPECT_EQ(outcome.devices[0].time.compute, Time(3s).count());
  EXPECT_EQ(outcome.latency.lost, Time(2s).count());
  EXPECT_GT(outcome.energy.compute, 0);
  EXPECT_DOUBLE_EQ(outcome.energy.lost, outcome.energy.compute / 3);
}

TEST(DeviceFailure, WhatWasLostComesBeforeWhatIsLaterInItsNetwork) {
  HandMade made;
  made.add_device("a", 2);
  made.add_output(made.add_operator("x", "a", {}, 4, 3s));
  made.add_output(made.add_operator("y", "a", {}, 4, 1s));
  made.add_output(made.add_operator("z", "a", {}, 4, 1s));
  made.add_event("a", 500ms, What::fails);
  made.add_event("a", 4s, What::returns);
  const auto outcome = executed(made);
  EXPECT_EQ(attempts(outcome, "x"), "0-500 lost, 4000-7000");
  EXPECT_EQ(attempts(outcome, "y"), "0-500 lost, 4000-5000");
  EXPECT_EQ(attempts(outcome, "z"), "5000-6000");
}

TEST(DeviceFailure, TransfersGoOn) {
  for (const auto sharing : {Sharing::fifo, Sharing::fair}) {
    auto made = one_transfer(sharing);
    made.add_event("a", 1s, What::fails);
    made.add_event("b", 1s, What::fails);
    made.add_event("b", 4s, What::returns);
    const auto outcome = executed(made);
    EXPECT_EQ(attempts(outcome, "x.out"), "0-3200");
    EXPECT_EQ(attempts(outcome, "y"), "4000-5000");
  }
}

TEST(DeviceFailure, TwiceAndOfNothingIsHarmless) {
  auto made = one_task(3s);
  made.add_event("a", 500ms, What::returns);
  made.add_event("a", 1s, What::fails);
  made.add_event("a", 1s, What::fails);
  made.add_event("a", 2s, What::returns);
  made.add_event("a", 3s, What::fails);
  made.add_event("a", 3s, What::returns);
  EXPECT_EQ(attempts(executed(made), "x"), "0-1000 lost, 2000-3000 lost, 3000-6000");
}

TEST(LinkFailure, LosesAHold) {
  auto made = one_transfer(Sharing::fifo);
  made.add_event("l", 1s, What::fails);
  made.add_event("l", 2s, What::returns);
  const auto outcome = executed(made);
  EXPECT_EQ(attempts(outcome, "x.out"), "0-1000 lost, 2000-5200");
  EXPECT_EQ(outcome.latency.lost, Time(2s).count());
  EXPECT_EQ(outcome.latency.sending, Time(3s).count());
  EXPECT_EQ(outcome.channels[0].busy, Time(4s).count());
}

TEST(LinkFailure, AHoldThatIsOverArrives) {
  auto made = one_transfer(Sharing::fifo);
  made.add_event("l", 3100ms, What::fails);
  EXPECT_EQ(attempts(executed(made), "x.out"), "0-3200");
}

TEST(LinkFailure, LosesAFairTransferInItsLatencyAndInItsFlow) {
  auto made = one_transfer(Sharing::fair);
  made.add_event("l", 100ms, What::fails);
  made.add_event("l", 1s, What::returns);
  made.add_event("l", 2200ms, What::fails);
  made.add_event("l", 3s, What::returns);
  made.add_event("l", 3100ms, What::fails);
  made.add_event("l", 4s, What::returns);
  const auto outcome = executed(made);
  EXPECT_EQ(attempts(outcome, "x.out"), "0-100 lost, 1000-2200 lost, 3000-3100 lost, 4000-7200");
  EXPECT_NEAR(static_cast<double>(outcome.channels[0].busy), 4e12, 10);
}

TEST(LinkFailure, TwoLinksOfARouteMustBothReturn) {
  for (const auto sharing : {Sharing::fifo, Sharing::fair}) {
    HandMade made;
    made.add_device("a");
    made.add_device("b");
    made.add_switch("s");
    made.add_link("l1", {"a", "s"}, 1000, sharing);
    made.add_link("l2", {"s", "b"}, 1000, sharing);
    made.add_output(made.add_operator("y", "b", {made.add_operator("x", "a", {}, 3000)}, 4));
    made.workload.sink = "b";
    made.add_event("l1", 1s, What::fails);
    made.add_event("l2", 2s, What::fails);
    made.add_event("l1", 3s, What::returns);
    made.add_event("l2", 4s, What::returns);
    EXPECT_EQ(attempts(executed(made), "x.out"), "0-1000 lost, 4000-7000");
  }
}

TEST(LinkFailure, LostEnergyIsTheShareThatWasSent) {
  for (const auto sharing : {Sharing::fifo, Sharing::fair}) {
    HandMade made;
    made.add_device("a");
    made.add_device("b");
    made.add_link("l", {"a", "b"}, 1000, sharing).energy = {1};
    made.add_output(made.add_operator("y", "b", {made.add_operator("x", "a", {}, 4000)}, 4));
    made.workload.sink = "b";
    made.add_event("l", 1s, What::fails);
    made.add_event("l", 1s, What::returns);
    const auto outcome = executed(made);
    EXPECT_EQ(attempts(outcome, "x.out"), "0-1000 lost, 1000-5000");
    EXPECT_DOUBLE_EQ(outcome.energy.transfer, 32000);
    EXPECT_NEAR(outcome.energy.lost, 8000, 1e-6);
  }
}

// Requests.

TEST(Burst, AddsRequestsToAClosedWorkloadAndToAnOpenOne) {
  auto closed = one_task(1s);
  closed.workload.requests = 2;
  closed.add_event("", 500ms, What::burst, 3);
  // One under way, three more at 0.5 s; the second regular one when all of these are done.
  EXPECT_EQ(attempts(executed(closed), "x"), "0-1000, 1000-2000, 2000-3000, 3000-4000, 4000-5000");
  auto open = one_task(1s);
  open.workload.requests = 2;
  open.workload.arrivals = Arrivals::trace;
  open.workload.trace = {0s, 10s};
  open.add_event("", 20s, What::burst, 1);
  EXPECT_EQ(attempts(executed(open), "x"), "0-1000, 10000-11000, 20000-21000");
}

TEST(Networks, SmallerPriorityGoesFirstAndInterruptsNothing) {
  HandMade made;
  made.add_device("a");
  made.add_output(made.add_operator("x", "a", {}, 4, 2s));
  made.workload.requests = 2;
  made.workload.in_flight = 2;
  made.end_network("slow", 1);
  made.add_output(made.add_operator("y", "a", {}, 4, 1s));
  made.workload = {};
  made.workload.requests = 2;
  made.workload.arrivals = Arrivals::trace;
  made.workload.trace = {1s, 1s};
  made.end_network("urgent", 0, 2500ms);
  const auto outcome = executed(made);
  EXPECT_EQ(attempts(outcome, "slow/x"), "0-2000, 4000-6000");
  EXPECT_EQ(attempts(outcome, "urgent/y"), "2000-3000, 3000-4000");
  EXPECT_EQ(outcome.score.deadline_misses, 1);
  EXPECT_EQ(outcome.networks[0].deadline_misses, 0);
  EXPECT_EQ(outcome.networks[1].deadline_misses, 1);
  EXPECT_EQ(outcome.networks[1].latency_mean, Time(2500ms).count());
}

TEST(Networks, OfOneInstantGoInTheOrderGivenThoseOfBurstsToo) {
  HandMade made;
  made.add_device("a");
  for (const std::string name : {"first", "second"}) {
    made.add_output(made.add_operator(name == "first" ? "x" : "y", "a", {}, 4, 1s));
    made.workload.arrivals = Arrivals::trace;
    made.workload.trace = {1s};
    made.end_network(name);
  }
  made.add_event("second", 1s, What::burst, 1);
  const auto outcome = executed(made);
  EXPECT_EQ(attempts(outcome, "first/x"), "1000-2000");
  EXPECT_EQ(attempts(outcome, "second/y"), "2000-3000, 3000-4000");
}

TEST(Networks, TransfersOfTheMoreUrgentOneOvertakeOnALink) {
  HandMade made;
  made.add_device("a");
  made.add_device("b");
  made.add_link("l", {"a", "b"}, 1000, Sharing::fifo);
  made.workload.sink = "b";
  for (const std::string name : {"p", "q"})
    made.add_output(
        made.add_operator(name, "b", {made.add_operator(name + "0", "a", {}, 2000)}, 4));
  made.end_network("slow", 3);
  made.workload.arrivals = Arrivals::trace;
  made.workload.trace = {1s};
  made.add_output(made.add_operator("r", "b", {made.add_operator("r0", "a", {}, 1000)}, 4));
  made.end_network("urgent", 2);
  const auto outcome = executed(made);
  EXPECT_EQ(attempts(outcome, "slow/p0.out"), "0-2000");
  EXPECT_EQ(attempts(outcome, "urgent/r0.out"), "2000-3000");
  EXPECT_EQ(attempts(outcome, "slow/q0.out"), "3000-5000");
}

// Batches.

/// Requests of one second each, at these seconds, in batches of up to three.
Outcome batches(std::vector<Time> arrivals, Time wait) {
  auto made = one_task(1s);
  made.workload.requests = std::ssize(arrivals);
  made.workload.arrivals = Arrivals::trace;
  made.workload.trace = std::move(arrivals);
  made.workload.batch = 3;
  made.workload.batch_wait = wait;
  return executed(made);
}

TEST(Batches, StartWhenFullWhenTheFirstHasWaitedAndWhenNoMoreCome) {
  // Full at 2 s; 10 s has waited at 14 s; 20 s is the last.
  const auto outcome = batches({0s, 1s, 2s, 10s, 12s, 20s}, 4s);
  EXPECT_EQ(attempts(outcome, "x"), "2000-5000, 14000-16000, 20000-21000");
  EXPECT_EQ(outcome.latencies,
            (std::vector<std::int64_t>{Time(5s).count(), Time(4s).count(), Time(3s).count(),
                                       Time(6s).count(), Time(4s).count(), Time(1s).count()}));
  EXPECT_EQ(outcome.latency.wait_batch, Time(2s + 1s + 4s + 2s).count());
}

TEST(Batches, WithoutAWaitOnlyFullOrLast) {
  EXPECT_EQ(attempts(batches({0s, 50s, 99s, 100s}, 0s), "x"), "99000-102000, 102000-103000");
}

TEST(Batches, OfAClosedWorkloadGatherWhatIsInFlight) {
  auto made = one_task(1s);
  made.workload.requests = 5;
  made.workload.in_flight = 2;
  made.workload.batch = 3;
  EXPECT_EQ(attempts(executed(made), "x"), "0-2000, 2000-4000, 4000-5000");
}

// Limits.

/// x and y on a send to b, where u reads both only after a slow task; links apart if wanted.
HandMade two_arrivals() {
  HandMade made;
  made.add_device("a");
  made.add_device("b");
  made.add_link("l", {"a", "b"}, 1000, Sharing::fifo);
  const int x = made.add_operator("x", "a", {}, 1000);
  const int y = made.add_operator("y", "a", {}, 1000);
  made.add_output(made.add_operator("u", "b", {x}, 4, 3s));
  made.add_output(made.add_operator("v", "b", {y}, 4, 3s));
  made.workload.sink = "b";
  return made;
}

TEST(Buffers, ATransferWaitsUntilTheLastArrivalIsReadByAStart) {
  auto made = two_arrivals();
  EXPECT_EQ(attempts(executed(made), "y.out"), "1000-2000");
  made.workload.requests = 2;
  made.workload.in_flight = 2;
  made.device("b").buffers = 1;
  const auto outcome = executed(made);
  // v starts at 4 s: only then the arrival that it reads makes room.
  EXPECT_EQ(attempts(outcome, "x.out"), "0-1000, 4000-5000");
  EXPECT_EQ(attempts(outcome, "y.out"), "1000-2000, 7000-8000");
}

TEST(Buffers, ATransferThatIsLostGivesBackWhatItTook) {
  auto made = two_arrivals();
  made.device("b").buffers = made.device("b").copy_engines = 1;
  made.add_event("l", 500ms, What::fails);
  made.add_event("l", 1s, What::returns);
  const auto outcome = executed(made);
  EXPECT_EQ(attempts(outcome, "x.out"), "0-500 lost, 1000-2000");
  EXPECT_EQ(attempts(outcome, "y.out"), "2000-3000");
}

TEST(Buffers, AReaderThatStartsAgainCountsOnce) {
  HandMade made;
  made.add_device("a");
  made.add_device("b");
  made.add_link("l", {"a", "b"}, 1000, Sharing::fifo);
  const int x = made.add_operator("x", "a", {}, 1000);
  const int y = made.add_operator("y", "a", {}, 1000);
  made.add_output(made.add_operator("u", "b", {x}, 4, 3s));
  made.add_output(made.add_operator("v", "b", {x}, 4, 3s));
  made.add_output(made.add_operator("w", "b", {y}, 4, 3s));
  made.workload.sink = "b";
  made.device("b").buffers = 1;
  made.add_event("b", 1500ms, What::fails);
  made.add_event("b", 1600ms, What::returns);
  const auto outcome = executed(made);
  EXPECT_EQ(attempts(outcome, "u"), "1000-1500 lost, 1600-4600");
  EXPECT_EQ(attempts(outcome, "v"), "4600-7600");
  EXPECT_EQ(attempts(outcome, "y.out"), "4600-5600");
}

TEST(CopyEngines, OneSendsOrReceivesOneAtATime) {
  for (const auto sharing : {Sharing::fifo, Sharing::fair}) {
    HandMade made;
    for (const std::string name : {"a", "b", "c"}) made.add_device(name);
    made.add_link("lb", {"a", "b"}, 1000, sharing, 500ms);
    made.add_link("lc", {"a", "c"}, 1000, sharing, 500ms);
    made.add_link("bc", {"b", "c"}, 1000, sharing, 500ms);
    const int x = made.add_operator("x", "a", {}, 1000);
    const int y = made.add_operator("y", "a", {}, 1000);
    const int u = made.add_operator("u", "b", {x}, 1000);
    made.add_output(made.add_operator("v", "a", {made.add_operator("w", "c", {y}, 4)}, 4));
    made.add_output(u);
    made.device("a").copy_engines = 1;
    const auto outcome = executed(made);
    EXPECT_EQ(attempts(outcome, "x.out"), "0-1500");
    // A fifo transfer gives its engine back with its links, a fair one when it has flowed.
    EXPECT_EQ(attempts(outcome, "y.out"), sharing == Sharing::fifo ? "1000-2500" : "1500-3000");
    EXPECT_EQ(attempts(outcome, "u.out"), sharing == Sharing::fifo ? "2000-3500" : "3000-4500");
  }
}

// The end of progress.

TEST(Stall, OfBuffersIsReported) {
  HandMade made;
  made.add_device("a");
  made.add_device("b");
  made.add_link("l", {"a", "b"}, 1000, Sharing::fifo);
  const int x = made.add_operator("x", "a", {}, 1000);
  const int y = made.add_operator("y", "a", {}, 1000);
  made.add_output(made.add_operator("u", "b", {x, y}, 4, 3s));
  made.workload.sink = "b";
  made.device("b").buffers = 1;
  const auto outcome = executed(made);
  EXPECT_EQ(outcome.score.unfinished, 1);
  EXPECT_EQ(outcome.latencies, (std::vector<std::int64_t>{-1}));
  EXPECT_EQ(outcome.stall,
            "1 request cannot complete; at 1 s nothing can happen any more:\n"
            "  request 1, the transfer of tensor 'y.out' from 'a' to 'b' waits for a buffer of "
            "device 'b'");
}

TEST(Stall, OfADeviceThatNeverReturnsIsReported) {
  auto made = one_task(3s);
  made.workload.requests = 2;
  made.workload.in_flight = 2;
  made.add_event("a", 4s, What::fails);
  const auto outcome = executed(made);
  EXPECT_EQ(attempts(outcome, "x"), "0-3000, 3000-4000 lost");
  EXPECT_EQ(outcome.score.unfinished, 1);
  EXPECT_EQ(outcome.stall,
            "1 request cannot complete; at 4 s nothing can happen any more:\n"
            "  request 2, operator 'x' on 'a' waits for device 'a', which has failed, to return");
}

TEST(Stall, OfADeviceThatStandsStillIsReported) {
  auto made = one_task(3s);
  made.workload.requests = 3;
  made.add_event("a", 4s, What::speed, 0);
  const auto outcome = executed(made);
  EXPECT_EQ(attempts(outcome, "x"), "0-3000, 3000-4000 lost");
  EXPECT_EQ(outcome.stall,
            "2 requests cannot complete; at 4 s nothing can happen any more:\n"
            "  request 2, operator 'x' on 'a' stands still: device 'a' does not go on\n"
            "  1 request not arrived: others must complete first");
}

TEST(Stall, OfALinkThatNeverReturnsIsReported) {
  for (const auto sharing : {Sharing::fifo, Sharing::fair}) {
    auto made = one_transfer(sharing);
    made.add_event("l", 1s, What::fails);
    const auto outcome = executed(made);
    EXPECT_EQ(outcome.stall,
              "1 request cannot complete; at 1 s nothing can happen any more:\n"
              "  request 1, the transfer of tensor 'x.out' from 'a' to 'b' waits for link 'l', "
              "which has failed, to return");
  }
}

TEST(Stall, AtTheStartMarksNothingDoneAsLost) {
  HandMade made;
  made.add_device("a");
  made.add_device("b");
  made.add_link("l", {"a", "b"}, 1000, Sharing::fifo);
  const int x = made.add_operator("x", "a", {}, 4);  // takes no time
  made.add_output(made.add_operator("y", "b", {x}, 4, 1s));
  made.workload.sink = "b";
  made.add_event("l", 0s, What::fails);
  EXPECT_EQ(attempts(executed(made), "x"), "0-0");
}

}  // namespace
