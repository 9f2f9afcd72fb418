#include "sim/tally.h"

#include "models/index.h"
#include "sim/job.h"

namespace sim {

using models::at;

void Tally::reset(const models::Problem& problem) {
  const auto requests = problem.streams.front().workload().requests;
  streams.resize(1);
  auto& stream = streams.front();
  stream.first = 0;
  stream.expected = stream.completed = requests;
  stream.executed.assign(1, requests);
  listed = true;
  completions.clear();
  latencies.clear();
  switches.assign(at(problem.devices), 0);
  device_busy.assign(at(problem.devices), 0);
  channel_busy.assign(at(problem.channels), 0);
  lane_time.clear();
  width_changes.clear();
  lost_energy = 0;
  first_arrival = last_event = 0;
}

void Tally::reset(const Job& job) {
  streams.resize(job.streams.size());
  listed = job.requests() <= models::ArrivalTimes::most_listed;
  halfway = 0;
  std::size_t first = 0;
  for (std::size_t s = 0; s < streams.size(); ++s) {
    auto& stream = streams[s];
    stream.first = first;
    stream.expected = job.streams[s].requests();
    stream.completed = 0;
    stream.executed.assign(job.streams[s].larger.size() + 1, 0);
    stream.deadline = job.streams[s].deadline;
    stream.missed = 0;
    if (!listed) stream.latencies.clear();
    if (listed) first += at(stream.expected);
  }
  completions.clear();
  latencies.assign(first, -1);
  switches.assign(job.devices(), 0);
  device_busy.assign(job.devices(), 0);
  channel_busy.assign(job.channels(), 0);
  lane_time.assign(job.changes() ? job.links() : 0, 0);
  width_changes.assign(job.changes() ? job.links() : 0, 0);
  lost_energy = 0;
  first_arrival = last_event = 0;
}

void Tally::complete(std::size_t s, std::int64_t number, std::int64_t latency, std::int64_t now) {
  auto& stream = streams[s];
  ++stream.completed;
  if (listed) {
    completions.push_back(now);
    latencies[stream.first + at(number)] = latency;
    return;
  }
  stream.latencies.add(latency);
  stream.missed += stream.deadline > 0 && latency > stream.deadline;
  last_completion = now;
  if (completed() == expected() / 2) halfway = now;
}

std::int64_t Tally::expected() const {
  std::int64_t sum = 0;
  for (const auto& stream : streams) sum += stream.expected;
  return sum;
}

std::int64_t Tally::completed() const {
  std::int64_t sum = 0;
  for (const auto& stream : streams) sum += stream.completed;
  return sum;
}

}  // namespace sim
