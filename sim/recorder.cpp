#include "sim/recorder.h"

#include <algorithm>

#include "models/index.h"
#include "sim/timeline_head.h"

namespace sim {
namespace {

using models::at;
using models::TaskGraph;
using Kind = TaskGraph::Kind;

}  // namespace

Recorder::Recorder(const TaskGraph& graph, bool keep_timeline)
    : graph_(graph),
      problem_(graph.problem()),
      keep_timeline_(keep_timeline),
      slot_time_(at(problem_.devices)),
      devices_(at(problem_.devices)),
      flights_(16),
      tasks_on_(at(problem_.devices)),
      memory_(graph) {
  count_tasks();
  if (keep_timeline_) timeline_ = timeline_head(graph_);
}

void Recorder::count_tasks() {
  for (const auto& task : graph_.tasks()) {
    if (task.kind == Kind::transfer) continue;
    ++tasks_on_[at(task.device)];
    devices_[at(task.device)].used = true;
  }
}

/// A place for a request that has just arrived. The ring is wide enough for all under way.
Recorder::Flight& Recorder::open_flight(std::int64_t request) {
  while (flight_of(request).request >= 0) {
    std::vector<Flight> narrow(flights_.size() * 2);
    narrow.swap(flights_);
    for (auto& each : narrow)
      if (each.request >= 0) flight_of(each.request) = std::move(each);
  }
  auto& flight = flight_of(request);
  flight.request = request;
  return flight;
}

/// Adds the time since the last change to what the device's free slots were waiting for.
void Recorder::account(std::size_t d, std::int64_t now) {
  auto& device = devices_[d];
  const auto free = problem_.slots[d] - device.running;
  const auto time = (now - device.since) * free;
  device.since = now;
  auto& spent = slot_time_[d];
  if (device.pending > 0)
    spent.wait_input += time;
  else if (device.used && waiting_ > 0)
    spent.wait_memory += time;
  else
    spent.idle += time;
}

void Recorder::account_all(std::int64_t now) {
  for (std::size_t d = 0; d < devices_.size(); ++d) account(d, now);
}

void Recorder::arrived(std::int64_t now, std::int64_t request) {
  if (request == 0)
    for (auto& device : devices_) device.since = now;
  fingerprint_.add(now, Fingerprint::Event::arrival, request, 0);
  account_all(now);
  ++waiting_;
  open_flight(request).arrival = now;
  if (keep_timeline_) timeline_.requests.push_back({now, now, now});
}

void Recorder::admitted(std::int64_t now, std::int64_t request) {
  fingerprint_.add(now, Fingerprint::Event::admission, request, 0);
  account_all(now);
  --waiting_;
  for (std::size_t d = 0; d < devices_.size(); ++d) devices_[d].pending += tasks_on_[d];
  auto& flight = flight_of(request);
  flight.admitted = now;
  if (!spare_times_.empty()) {
    flight.times = std::move(spare_times_.back());
    spare_times_.pop_back();
  }
  flight.times.assign(graph_.tasks().size(), Times{.ready = now});
  memory_.admitted(request);
  if (keep_timeline_) timeline_.requests[at(request)].admitted = now;
}

void Recorder::started(std::int64_t now, std::int64_t request, std::int32_t task, int slot,
                       std::int64_t work) {
  fingerprint_.add(now, Fingerprint::Event::start, request, task);
  auto& flight = flight_of(request);
  auto& times = flight.times[at(task)];
  for (const auto dep : graph_.deps_of(at(task)))
    times.ready = std::max(times.ready, flight.times[at(dep)].end);
  times.start = now;
  times.work = work;
  times.slot = slot;
  memory_.started(task);
  const auto& it = graph_.tasks()[at(task)];
  if (it.kind != Kind::transfer) {
    account(at(it.device), now);
    --devices_[at(it.device)].pending;
    ++devices_[at(it.device)].running;
  }
  if (!keep_timeline_) return;
  times.record = static_cast<std::int32_t>(timeline_.records.size());
  timeline_.records.push_back(
      {static_cast<std::int32_t>(request), task, slot, times.ready, now, work, 0, 0});
}

void Recorder::released(std::int64_t now, std::int64_t request, std::int32_t task) {
  auto& flight = flight_of(request);
  auto& times = flight.times[at(task)];
  times.released = now;
  memory_.released(request, task);
  const auto& it = graph_.tasks()[at(task)];
  if (it.kind == Kind::transfer) return;
  account(at(it.device), now);
  --devices_[at(it.device)].running;
  auto& spent = slot_time_[at(it.device)];
  spent.switching += times.work - times.start;
  (it.kind == Kind::compute ? spent.compute : spent.convert) += now - times.work;
}

void Recorder::ended(std::int64_t now, std::int64_t request, std::int32_t task) {
  fingerprint_.add(now, Fingerprint::Event::end, request, task);
  auto& flight = flight_of(request);
  auto& times = flight.times[at(task)];
  times.end = now;
  if (!keep_timeline_) return;
  auto& record = timeline_.records[at(times.record)];
  record.released = times.released;
  record.end = now;
}

void Recorder::completed(std::int64_t now, std::int64_t request) {
  fingerprint_.add(now, Fingerprint::Event::completion, request, 0);
  auto& flight = flight_of(request);
  walk_back(flight, now);
  memory_.completed(request);
  flight.request = -1;
  spare_times_.push_back(std::move(flight.times));
  if (keep_timeline_) timeline_.requests[at(request)].completed = now;
}

/// From the request's last arrival at the sink back to its own arrival: what each step was spent
/// on.
void Recorder::walk_back(const Flight& flight, std::int64_t completed) {
  const auto latest = [&](std::span<const std::int32_t> tasks) {
    std::int32_t last = -1;
    for (const auto each : tasks)
      if (last < 0 || flight.times[at(each)].end > flight.times[at(last)].end) last = each;
    return last;
  };
  scratch_.clear();
  for (auto task = latest(graph_.finals()); task >= 0; task = latest(graph_.deps_of(at(task)))) {
    const auto& it = graph_.tasks()[at(task)];
    const auto& times = flight.times[at(task)];
    const auto waited = times.start - times.ready;
    scratch_.push_back({task, waited, times.start, times.end});
    if (it.kind == Kind::transfer) {
      const auto latency = problem_.route_latency[at(it.route)];
      split_.wait_link += waited;
      split_.link_latency += latency;
      split_.sending += times.end - times.start - latency;
      continue;
    }
    split_.wait_device += waited;
    split_.switching += times.work - times.start;
    (it.kind == Kind::compute ? split_.compute : split_.convert) += times.end - times.work;
  }
  split_.wait_memory += flight.admitted - flight.arrival;
  if (completed - flight.arrival <= slowest_) return;
  slowest_ = completed - flight.arrival;
  critical_.assign(scratch_.rbegin(), scratch_.rend());
}

void Recorder::rate_changed(std::int64_t request, std::int32_t task, std::int64_t when,
                            double fraction, double rate) {
  if (keep_timeline_)
    timeline_.rates.push_back({static_cast<std::int32_t>(request), task, when, fraction, rate});
}

void Recorder::write(models::Outcome& outcome, const Tally& tally) {
  account_all(tally.last_event);
  outcome.latency = split_;
  outcome.critical_path = critical_;
  outcome.fingerprint = fingerprint_.text();
  for (std::size_t d = 0; d < devices_.size(); ++d) {
    outcome.devices[d].time = slot_time_[d];
    outcome.devices[d].observed_peak = graph_.totals().devices[d].weights + memory_.peak(d);
  }
  outcome.timeline = std::move(timeline_);
}

}  // namespace sim
