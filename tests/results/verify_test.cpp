#include "results/verify.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/results/small_case.h"

namespace {

using models::Timeline;

std::string all(const std::vector<results::Violation>& violations) {
  std::string text;
  for (const auto& violation : violations) text += results::to_text(violation) + "\n";
  return text;
}

/// Whether a violation of the rule is among those found after the change.
testing::AssertionResult finds(const std::string& rule, Timeline timeline,
                               const std::function<void(Timeline&)>& change) {
  change(timeline);
  const auto violations = results::verify(timeline);
  for (const auto& violation : violations) {
    if (violation.rule == rule) return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << "found: " << all(violations);
}

/// The record of a request's task, shifted as a whole by `later`.
void shift(Timeline& timeline, std::size_t record, std::int64_t later) {
  auto& it = timeline.records[record];
  it.start += later, it.work += later, it.released += later, it.end += later;
}

/// One device, `ready`: two tasks of one request, the second is ready first in rank at 0.
Timeline ready_timeline() {
  auto it = small_case::timeline();
  it.strict = false;
  return it;
}

TEST(Verify, FindsNothingWhereAllIsRight) {
  EXPECT_EQ(all(results::verify(small_case::timeline())), "");
  EXPECT_EQ(all(results::verify(ready_timeline())), "");
  EXPECT_EQ(all(results::verify(small_case::fair_timeline())), "");
  EXPECT_EQ(all(results::verify({})), "");
}

TEST(Verify, SaysWhatWhereAndWhen) {
  auto timeline = small_case::timeline();
  timeline.records[3].released = 22;
  timeline.records[3].end = 22;
  timeline.requests[0].completed = 22;
  EXPECT_EQ(all(results::verify(timeline)),
            "work: server, at 16 ps: task 'b' of request 0 works for 6 ps instead of 7 ps\n");
}

TEST(Verify, FindsIndicesThatPointNowhere) {
  const auto good = small_case::timeline();
  EXPECT_TRUE(finds("shape", good, [](Timeline& t) { t.records[0].task = 3; }));
  EXPECT_TRUE(finds("shape", good, [](Timeline& t) { t.records[0].request = -1; }));
  EXPECT_TRUE(finds("shape", good, [](Timeline& t) { t.tasks[1].channels = {1}; }));
  EXPECT_TRUE(finds("shape", good, [](Timeline& t) { t.tasks[2].reads = {-1}; }));
  EXPECT_TRUE(finds("shape", good, [](Timeline& t) { t.devices[0].slots = 0; }));
}

TEST(Verify, FindsTasksThatAreMissingOrDouble) {
  const auto good = small_case::timeline();
  EXPECT_TRUE(finds("once", good, [](Timeline& t) { t.records.pop_back(); }));
  EXPECT_TRUE(finds("once", good, [](Timeline& t) { t.records.push_back(t.records.back()); }));
}

TEST(Verify, FindsTimesThatRunBackwards) {
  EXPECT_TRUE(finds("times", small_case::timeline(), [](Timeline& t) { t.records[5].work = 25; }));
}

TEST(Verify, FindsStartsBeforeInputsArePresent) {
  EXPECT_TRUE(finds("presence", small_case::timeline(), [](Timeline& t) {
    shift(t, 3, -1);
    t.records[3].ready -= 1;
  }));
  EXPECT_TRUE(
      finds("presence", small_case::timeline(), [](Timeline& t) { t.requests[0].admitted = 1; }));
  EXPECT_TRUE(
      finds("presence", small_case::timeline(), [](Timeline& t) { t.records[3].ready = 15; }));
}

TEST(Verify, FindsWorkThatIsNotWhatWasAsked) {
  EXPECT_TRUE(finds("work", small_case::timeline(), [](Timeline& t) { t.tasks[0].duration = 9; }));
  EXPECT_TRUE(finds("work", small_case::timeline(), [](Timeline& t) { t.tasks[1].duration = 5; }));
  EXPECT_TRUE(
      finds("work", small_case::fair_timeline(), [](Timeline& t) { t.tasks[0].bytes = 101; }));
  EXPECT_TRUE(finds("work", small_case::fair_timeline(), [](Timeline& t) { t.rates.pop_back(); }));
  EXPECT_TRUE(
      finds("work", small_case::timeline(), [](Timeline& t) { t.streams[0].jitter = 0.5; }));
}

TEST(Verify, FindsWrongLatencies) {
  EXPECT_TRUE(
      finds("latency", small_case::timeline(), [](Timeline& t) { t.tasks[1].latency = 1; }));
  EXPECT_TRUE(
      finds("latency", small_case::fair_timeline(), [](Timeline& t) { t.tasks[0].latency = 1; }));
  EXPECT_TRUE(finds("latency", small_case::fair_timeline(), [](Timeline& t) {
    t.records[1].released = t.records[1].end = t.requests[1].completed = 202;
  }));
}

TEST(Verify, FindsTooManyTasksOnADevice) {
  EXPECT_TRUE(finds("slots", small_case::timeline(), [](Timeline& t) {
    shift(t, 2, -1);
    std::swap(t.records[1], t.records[2]);
  }));
  EXPECT_TRUE(finds("slots", small_case::timeline(), [](Timeline& t) { t.records[2].slot = 1; }));
}

TEST(Verify, FindsSwitchesThatAreNotPaid) {
  EXPECT_TRUE(finds("switching", small_case::timeline(), [](Timeline& t) {
    // Both run on one device now, in different formats.
    t.tasks[2].format = "int8";
    t.tasks[2].device = 0;
  }));
  EXPECT_TRUE(
      finds("switching", small_case::timeline(), [](Timeline& t) { t.records[0].work = 3; }));
}

TEST(Verify, FindsStrictOrderBroken) {
  EXPECT_TRUE(finds("order", small_case::timeline(), [](Timeline& t) {
    std::swap(t.records[0].request, t.records[2].request);
    t.records[2].ready = 0;
  }));
}

TEST(Verify, FindsReadyTasksOvertaken) {
  EXPECT_TRUE(finds("order", ready_timeline(),
                    [](Timeline& t) { std::swap(t.records[0].request, t.records[2].request); }));
}

TEST(Verify, FindsTransfersOutOfOrder) {
  EXPECT_TRUE(finds("order", small_case::timeline(),
                    [](Timeline& t) { std::swap(t.records[1].request, t.records[4].request); }));
}

TEST(Verify, FindsWaitingWithoutCause) {
  EXPECT_TRUE(finds("waiting", small_case::timeline(), [](Timeline& t) {
    shift(t, 5, 1);
    t.requests[1].completed += 1;
  }));
  EXPECT_TRUE(finds("waiting", ready_timeline(), [](Timeline& t) {
    shift(t, 5, 1);
    t.requests[1].completed += 1;
  }));
  EXPECT_TRUE(finds("waiting", small_case::timeline(), [](Timeline& t) { shift(t, 4, 1); }));
  EXPECT_TRUE(
      finds("waiting", small_case::fair_timeline(), [](Timeline& t) { t.records[1].ready = 49; }));
}

TEST(Verify, FindsLinksThatCarryTooMuch) {
  EXPECT_TRUE(
      finds("capacity", small_case::timeline(), [](Timeline& t) { t.records[1].released = 21; }));
  EXPECT_TRUE(finds("capacity", small_case::timeline(), [](Timeline& t) { t.tasks[1].bytes = 6; }));
  EXPECT_TRUE(finds("capacity", small_case::fair_timeline(),
                    [](Timeline& t) { t.rates[1].bytes_per_second = 0.6e12; }));
}

TEST(Verify, FindsUnfairFlows) {
  EXPECT_TRUE(finds("fairness", small_case::fair_timeline(), [](Timeline& t) {
    t.rates[1].bytes_per_second = 0.6e12;
    t.rates[2].bytes_per_second = 0.4e12;
  }));
  EXPECT_TRUE(finds("fairness", small_case::fair_timeline(),
                    [](Timeline& t) { t.rates[0].bytes_per_second = 0.9e12; }));
}

TEST(Verify, FindsMemoryThatDoesNotFit) {
  EXPECT_TRUE(
      finds("memory", small_case::timeline(), [](Timeline& t) { t.devices[1].per_request = 50; }));
  EXPECT_TRUE(
      finds("memory", small_case::timeline(), [](Timeline& t) { t.devices[1].weights = 101; }));
}

TEST(Verify, FindsWrongAdmissions) {
  EXPECT_TRUE(
      finds("admission", small_case::timeline(), [](Timeline& t) { t.requests[0].admitted = -1; }));
  EXPECT_TRUE(
      finds("admission", small_case::timeline(), [](Timeline& t) { t.requests[1].admitted = 5; }));
  EXPECT_TRUE(
      finds("admission", small_case::timeline(), [](Timeline& t) { t.requests[0].arrival = 1; }));
  EXPECT_TRUE(
      finds("admission", small_case::timeline(), [](Timeline& t) { t.requests[0].admitted = 1; }));
}

TEST(Verify, FindsWrongCompletions) {
  EXPECT_TRUE(finds("completion", small_case::timeline(),
                    [](Timeline& t) { t.requests[0].completed = 22; }));
  EXPECT_TRUE(finds("completion", small_case::timeline(),
                    [](Timeline& t) { t.tasks[1].to_sink = t.tasks[2].to_sink = false; }));
}

TEST(Verify, DescribesNoMoreThanAsked) {
  auto timeline = small_case::timeline();
  for (auto& task : timeline.tasks) task.duration = 1;
  EXPECT_GT(results::verify(timeline).size(), 2u);
  EXPECT_EQ(results::verify(timeline, 2).size(), 2u);
}

/// One request whose only task runs on a device that fails at 4 and is back at 6.
Timeline failing_timeline() {
  using What = Timeline::Change::What;
  Timeline it;
  it.streams.resize(1);
  it.devices = {{"npu", 1, 100, 0, 0, 0}};
  Timeline::Task task;
  task.name = "a";
  task.duration = 10;
  task.to_sink = true;
  it.tasks = {task};
  it.records = {{0, 0, 0, 0, 0, 0, 4, 4, true}, {0, 0, 0, 0, 6, 6, 16, 16}};
  it.changes = {{What::device_down, 0, 4, 0}, {What::device_up, 0, 6, 0}};
  it.requests = {{0, 0, 16}};
  return it;
}

TEST(Verify, AllowsAttemptsThatFailuresUndid) {
  EXPECT_EQ(all(results::verify(failing_timeline())), "");
}

TEST(Verify, FindsWorkDuringAnOutageAndLossesWithoutOne) {
  const auto good = failing_timeline();
  EXPECT_TRUE(finds("failure", good, [](Timeline& t) { t.changes.clear(); }));
  EXPECT_TRUE(finds("failure", good, [](Timeline& t) { t.changes[0].when = 3; }));
  EXPECT_TRUE(finds("failure", good, [](Timeline& t) { t.changes[1].when = 7; }));
  EXPECT_TRUE(finds("waiting", good, [](Timeline& t) { t.changes[1].when = 5; }));
  EXPECT_TRUE(finds("once", good, [](Timeline& t) { t.records[0].lost = false; }));
  EXPECT_TRUE(finds("once", good, [](Timeline& t) { t.records[1].lost = true; }));
}

TEST(Verify, FindsWorkAtAnotherSpeed) {
  using What = Timeline::Change::What;
  auto timeline = failing_timeline();
  timeline.changes.push_back({What::speed, 0, 10, 0.5});
  EXPECT_TRUE(finds("work", timeline, [](Timeline&) {}));
  shift(timeline, 1, 0);
  timeline.records[1].released = timeline.records[1].end = 22;  // 4 ps at 1, 12 ps at 0.5
  timeline.requests[0].completed = 22;
  EXPECT_EQ(all(results::verify(timeline)), "");
  EXPECT_TRUE(finds("work", timeline, [](Timeline& t) { t.changes[2].value = 0.6; }));
}

TEST(Verify, FindsMoreTransfersThanBuffersAndCopyEngines) {
  const auto good = small_case::timeline();
  const auto limited = [&] {
    auto it = good;
    for (auto& device : it.devices) device.buffers = device.copy_engines = 1;
    return it;
  };
  EXPECT_EQ(all(results::verify(limited())), "");
  EXPECT_TRUE(finds("buffers", limited(), [](Timeline& t) {
    shift(t, 3, 5);
    std::swap(t.records[3], t.records[4]);
  }));
  EXPECT_TRUE(finds("copy engines", limited(), [](Timeline& t) {
    shift(t, 4, -8);
    std::swap(t.records[3], t.records[4]);
  }));
}

TEST(Verify, FindsBatchesThatFormTooEarly) {
  const auto good = small_case::timeline();
  EXPECT_TRUE(finds("batch", good, [](Timeline& t) { t.requests[1].formed = -1; }));
  EXPECT_TRUE(finds("batch", good, [](Timeline& t) { t.requests[1].number = 5; }));
}

}  // namespace
