// One device as a queue, against what queueing theory says of its mean wait.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <vector>

#include "models/index.h"
#include "sim/event_engine.h"
#include "tests/sim/hand_made.h"

namespace {

using models::at;
using models::Time;
using models::Workload;

constexpr double service = 1e-6;  ///< seconds, mean
constexpr std::int64_t requests = 60'000;

/// Mean wait in services, with half the width of its 99.9 % interval from 30 batch means.
struct Estimate {
  double mean = 0;
  double half_width = 0;
};

Estimate estimated(const std::vector<double>& waits) {
  constexpr std::size_t batches = 30;
  const auto skipped = waits.size() / 10;  // the queue starts empty
  const auto size = (waits.size() - skipped) / batches;
  double sum = 0, squares = 0;
  for (std::size_t b = 0; b < batches; ++b) {
    double mean = 0;
    for (std::size_t i = 0; i < size; ++i) mean += waits[skipped + b * size + i];
    mean /= static_cast<double>(size);
    sum += mean;
    squares += mean * mean;
  }
  const double mean = sum / batches;
  const double variance = (squares - batches * mean * mean) / (batches - 1);
  constexpr double student = 3.66;  // 29 degrees of freedom, 99.9 %
  return {mean, student * std::sqrt(variance / batches)};
}

/// How long requests wait for the device.
std::vector<double> waits(double load, double jitter, Workload::JitterShape shape,
                          std::int64_t seed) {
  HandMade made;
  made.add_device("server");
  made.add_output(made.add_operator("serve", "server", {}, 4, models::rounded_up(service)));
  made.workload.requests = requests;
  made.workload.arrivals = Workload::Arrivals::poisson;
  made.workload.rate = {load / service};
  made.workload.jitter = jitter;
  made.workload.jitter_shape = shape;
  made.workload.seed = seed;
  const auto problem = made.problem();
  const auto outcome =
      sim::make_event_engine(problem, {.timeline = true})->execute(made.plan(*problem));
  std::vector<double> result;
  for (const auto& record : outcome.timeline.records)
    result.push_back(static_cast<double>(record.start - record.ready) * 1e-12 / service);
  return result;
}

void exponential(HandMade& made, double arrivals_per_service) {
  made.workload.requests = requests;
  made.workload.arrivals = Workload::Arrivals::poisson;
  made.workload.rate = {arrivals_per_service / service};
  made.workload.jitter = 1;
  made.workload.jitter_shape = Workload::JitterShape::exponential;
  made.workload.seed = 11;
}

/// How long requests wait for the operator that comes so many-th, in services.
std::vector<double> waits_at(const HandMade& made, int place) {
  const auto problem = made.problem();
  const auto outcome =
      sim::make_event_engine(problem, {.timeline = true})->execute(made.plan(*problem));
  std::vector<double> result(at(made.workload.requests));
  int operators = -1;
  std::vector<int> place_of;
  for (const auto& task : outcome.timeline.tasks)
    place_of.push_back(task.kind == models::Timeline::Kind::compute ? ++operators : -1);
  for (const auto& record : outcome.timeline.records)
    if (place_of[at(record.task)] == place)
      result[at(record.request)] =
          static_cast<double>(record.start - record.ready) * 1e-12 / service;
  return result;
}

/// The Pollaczek-Khinchine formula: mean wait in services; `variation` is variance / mean^2.
double expected_wait(double load, double variation) {
  return load / (1 - load) * (1 + variation) / 2;
}

void expect_theory(const char* name, double load, double jitter, Workload::JitterShape shape,
                   double variation) {
  const auto found = estimated(waits(load, jitter, shape, 7));
  const double expected = expected_wait(load, variation);
  std::printf("%s load %.1f: mean wait %.4f +- %.4f services, theory %.4f\n", name, load,
              found.mean, found.half_width, expected);
  EXPECT_NEAR(found.mean, expected, found.half_width) << name << " at load " << load;
  EXPECT_LT(found.half_width, 0.25 * expected) << "too wide to say anything";
}

TEST(Queue, WithFixedServiceWaitsAsMD1) {
  for (const double load : {0.3, 0.5, 0.7, 0.8})
    expect_theory("M/D/1", load, 0, Workload::JitterShape::uniform, 0);
}

TEST(Queue, WithExponentialServiceWaitsAsMM1) {
  for (const double load : {0.3, 0.5, 0.7})
    expect_theory("M/M/1", load, 1, Workload::JitterShape::exponential, 1);
}

TEST(Queue, WithUniformServiceWaitsAsMG1) {
  for (const double load : {0.3, 0.5, 0.7})
    expect_theory("M/U/1", load, 0.9, Workload::JitterShape::uniform, 0.81 / 3);
}

/// Erlang's C formula: mean wait in services of k servers; `load` is of each.
double expected_wait_of_servers(int k, double load) {
  const double offered = load * k;
  double term = 1, sum = 1;  // offered^n / n!
  for (int n = 1; n < k; ++n) sum += term *= offered / n;
  const double all_busy = term * offered / k / (1 - load);
  return all_busy / (sum + all_busy) / (k * (1 - load));
}

TEST(Queue, SeveralSlotsWaitAsMMk) {
  for (const int k : {2, 4, 8})
    for (const double load : {0.5, 0.7}) {
      HandMade made;
      made.add_device("server", k);
      made.add_output(made.add_operator("serve", "server", {}, 4, models::rounded_up(service)));
      exponential(made, load * k);
      const auto found = estimated(waits_at(made, 0));
      const double expected = expected_wait_of_servers(k, load);
      std::printf("M/M/%d load %.1f: mean wait %.4f +- %.4f services, theory %.4f\n", k, load,
                  found.mean, found.half_width, expected);
      EXPECT_NEAR(found.mean, expected, found.half_width);
      EXPECT_LT(found.half_width, 0.4 * expected) << "too wide to say anything";
    }
}

/// What leaves an M/M/1 queue is Poisson again (Burke, 1956), so the second queue is one as well.
TEST(Queue, OneBehindTheOtherWaitEachAsMM1) {
  for (const double load : {0.3, 0.6}) {
    HandMade made;
    made.add_device("first");
    made.add_device("second");
    made.add_link("l", {"first", "second"}, 1e15, models::Link::Sharing::fifo, Time(0));
    const int middle = made.add_operator("one", "first", {}, 4, models::rounded_up(service));
    made.add_output(made.add_operator("two", "second", {middle}, 4, models::rounded_up(service)));
    made.workload.sink = "second";
    exponential(made, load);
    for (const int place : {0, 1}) {
      const auto found = estimated(waits_at(made, place));
      const double expected = expected_wait(load, 1);
      std::printf("tandem %d load %.1f: mean wait %.4f +- %.4f services, theory %.4f\n", place + 1,
                  load, found.mean, found.half_width, expected);
      EXPECT_NEAR(found.mean, expected, found.half_width);
      EXPECT_LT(found.half_width, 0.3 * expected) << "too wide to say anything";
    }
  }
}

TEST(Queue, AFifoLinkIsAQueueToo) {
  HandMade made;
  made.add_device("a");
  made.add_device("b");
  made.add_link("l", {"a", "b"}, 1e9, models::Link::Sharing::fifo, Time(123'000));
  made.add_output(made.add_operator("x", "a", {}, 1000));
  made.workload.requests = requests;
  made.workload.arrivals = Workload::Arrivals::poisson;
  made.workload.rate = {0.6 / service};
  made.workload.seed = 3;
  made.workload.sink = "b";
  const auto problem = made.problem();
  const auto outcome = sim::make_event_engine(problem, {})->execute(made.plan(*problem));
  std::vector<double> found;
  for (const auto latency : outcome.latencies)
    found.push_back((static_cast<double>(latency) - 123'000) * 1e-12 / service - 1);
  const auto estimate = estimated(found);
  std::printf("M/D/1 link load 0.6: mean wait %.4f +- %.4f services, theory %.4f\n", estimate.mean,
              estimate.half_width, expected_wait(0.6, 0));
  EXPECT_NEAR(estimate.mean, expected_wait(0.6, 0), estimate.half_width);
}

}  // namespace
