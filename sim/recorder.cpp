#include "sim/recorder.h"

#include <algorithm>

#include "models/index.h"
#include "sim/timeline_head.h"

namespace sim {
namespace {

using models::at;
using models::TaskGraph;
using Kind = TaskGraph::Kind;
using Event = Fingerprint::Event;

}  // namespace

Recorder::Recorder(const Workbench& bench, bool keep_timeline)
    : bench_(bench),
      problem_(bench.problem()),
      keep_timeline_(keep_timeline),
      slot_time_(at(problem_.devices)),
      devices_(at(problem_.devices)),
      streams_(bench.streams()),
      flights_(16),
      memory_(bench) {
  std::int32_t first_task = 0;
  for (std::size_t s = 0; s < streams_.size(); ++s) {
    auto& stream = streams_[s];
    stream.first_task = first_task;
    stream.tasks_on.resize(devices_.size());
    for (const auto& task : bench.graph(s).tasks()) {
      if (task.kind == Kind::transfer) continue;
      ++stream.tasks_on[at(task.device)];
      devices_[at(task.device)].used = true;
    }
    first_task += static_cast<std::int32_t>(bench.graph(s).tasks().size());
  }
  if (keep_timeline_) timeline_ = timeline_head(bench);
}

/// A place for a request or batch that has just formed. The ring is wide enough for all under way.
Recorder::Flight& Recorder::open_flight(std::int64_t serial) {
  while (flight_of(serial).serial >= 0) {
    std::vector<Flight> narrow(flights_.size() * 2);
    narrow.swap(flights_);
    for (auto& each : narrow)
      if (each.serial >= 0) flight_of(each.serial) = std::move(each);
  }
  auto& flight = flight_of(serial);
  flight.serial = serial;
  return flight;
}

/// Adds the time since the last change to what the device's free slots were waiting for.
void Recorder::account(std::size_t d, std::int64_t now) {
  auto& device = devices_[d];
  const auto free = problem_.slots[d] - device.running;
  const auto time = (now - device.since) * free;
  device.since = now;
  auto& spent = slot_time_[d];
  if (device.down)
    spent.down += time;
  else if (device.pending > 0)
    spent.wait_input += time;
  else if (device.used && waiting_ > 0)
    spent.wait_memory += time;
  else
    spent.idle += time;
}

void Recorder::account_all(std::int64_t now) {
  for (std::size_t d = 0; d < devices_.size(); ++d) account(d, now);
}

void Recorder::arrived(std::int64_t now, int s, std::int64_t number) {
  auto& stream = streams_[at(s)];
  if (!begun_) {  // time is counted from the first arrival
    begun_ = true;
    for (auto& device : devices_) device.since = now;
    for (auto& spent : slot_time_) spent = {};
  }
  fingerprint_.add(now, Event::arrival, number, s);
  stream.arrivals.push_back(now);
}

/// Moves the arrivals of a flight's members out of the queue.
void Recorder::take_arrivals(Flight& flight) {
  auto& stream = streams_[at(flight.stream)];
  flight.first_arrival = stream.arrivals[stream.head];
  flight.arrivals = 0;
  models::Timeline::Request* const request = keep_timeline_ ? &timeline_.requests.back() : nullptr;
  for (int m = 0; m < flight.members; ++m) {
    const auto arrival = stream.arrivals[stream.head++];
    flight.arrivals += arrival - flight.first_arrival;
    if (request != nullptr && m > 0) request->more.push_back(arrival);
  }
  if (stream.head < 1024 && stream.head < stream.arrivals.size()) return;
  stream.arrivals.erase(stream.arrivals.begin(),
                        stream.arrivals.begin() + static_cast<std::ptrdiff_t>(stream.head));
  stream.head = 0;
}

void Recorder::formed(std::int64_t now, std::int64_t serial, int stream, std::int64_t number,
                      std::int32_t members) {
  if (members > 1) fingerprint_.add(now, Event::batch, serial, members);
  account_all(now);
  ++waiting_;
  auto& flight = open_flight(serial);
  flight.stream = stream;
  flight.number = number;
  flight.members = members;
  flight.formed = now;
  if (keep_timeline_) timeline_.requests.emplace_back();
  take_arrivals(flight);
  if (!keep_timeline_) return;
  auto& request = timeline_.requests.back();
  request.arrival = flight.first_arrival;
  request.admitted = request.completed = -1;
  request.stream = stream;
  request.number = number;
  request.formed = now;
}

void Recorder::admitted(std::int64_t now, std::int64_t serial) {
  fingerprint_.add(now, Event::admission, serial, 0);
  account_all(now);
  --waiting_;
  auto& flight = flight_of(serial);
  const auto& stream = streams_[at(flight.stream)];
  for (std::size_t d = 0; d < devices_.size(); ++d) devices_[d].pending += stream.tasks_on[d];
  flight.admitted = now;
  if (!spare_times_.empty()) {
    flight.times = std::move(spare_times_.back());
    spare_times_.pop_back();
  }
  flight.times.assign(asked(flight).task_count(), Times{.ready = now});
  flight.memory = memory_.admitted(flight.stream, flight.members);
  if (keep_timeline_) timeline_.requests[at(serial)].admitted = now;
}

void Recorder::started(std::int64_t now, std::int64_t serial, std::int32_t task, int slot,
                       std::int64_t work) {
  auto& flight = flight_of(serial);
  fingerprint_.add(now, Event::start, serial, global(flight, task));
  auto& times = flight.times[at(task)];
  for (const auto dep : asked(flight).deps_of(at(task)))
    times.ready = std::max(times.ready, flight.times[at(dep)].end);
  times.start = now;
  times.work = work;
  times.slot = slot;
  times.under_way = true;
  memory_.started(flight.memory, task);
  const auto& it = asked(flight).tasks[at(task)];
  if (it.kind != Kind::transfer) {
    account(at(it.device), now);
    --devices_[at(it.device)].pending;
    ++devices_[at(it.device)].running;
  }
  if (!keep_timeline_) return;
  times.record = static_cast<std::int32_t>(timeline_.records.size());
  timeline_.records.push_back({.request = static_cast<std::int32_t>(serial),
                               .task = global(flight, task),
                               .slot = slot,
                               .ready = times.ready,
                               .start = now,
                               .work = work});
}

void Recorder::released(std::int64_t now, std::int64_t serial, std::int32_t task) {
  auto& flight = flight_of(serial);
  auto& times = flight.times[at(task)];
  times.released = now;
  times.work = std::min(times.work, now);  // the device may have gone faster since the start
  memory_.released(flight.memory, task);
  const auto& it = asked(flight).tasks[at(task)];
  if (it.kind == Kind::transfer) return;
  account(at(it.device), now);
  --devices_[at(it.device)].running;
  auto& spent = slot_time_[at(it.device)];
  spent.switching += times.work - times.start;
  (it.kind == Kind::compute ? spent.compute : spent.convert) += now - times.work;
}

void Recorder::ended(std::int64_t now, std::int64_t serial, std::int32_t task) {
  auto& flight = flight_of(serial);
  fingerprint_.add(now, Event::end, serial, global(flight, task));
  auto& times = flight.times[at(task)];
  times.end = now;
  times.under_way = false;
  if (!keep_timeline_) return;
  auto& record = timeline_.records[at(times.record)];
  record.work = times.work;
  record.released = times.released;
  record.end = now;
}

void Recorder::lost(std::int64_t now, std::int64_t serial, std::int32_t task) {
  auto& flight = flight_of(serial);
  fingerprint_.add(now, Event::loss, serial, global(flight, task));
  auto& times = flight.times[at(task)];
  if (times.first_start < 0) times.first_start = times.start;
  times.under_way = false;
  memory_.lost(flight.memory, task);
  const auto& it = asked(flight).tasks[at(task)];
  if (it.kind != Kind::transfer) {
    account(at(it.device), now);
    --devices_[at(it.device)].running;
    ++devices_[at(it.device)].pending;
    slot_time_[at(it.device)].lost += now - times.start;
  }
  if (!keep_timeline_) return;
  auto& record = timeline_.records[at(times.record)];
  record.work = std::min(record.work, now);
  record.released = record.end = now;
  record.lost = true;
}

void Recorder::completed(std::int64_t now, std::int64_t serial) {
  fingerprint_.add(now, Event::completion, serial, 0);
  auto& flight = flight_of(serial);
  walk_back(flight, now);
  memory_.completed(flight.memory);
  flight.serial = -1;
  spare_times_.push_back(std::move(flight.times));
  if (keep_timeline_) timeline_.requests[at(serial)].completed = now;
}

/// From the request's last arrival at the sink back to its own arrival: what each step was spent
/// on. Of a batch, for each of its members.
void Recorder::walk_back(const Flight& flight, std::int64_t completed) {
  const auto latest = [&](std::span<const std::int32_t> tasks) {
    std::int32_t last = -1;
    for (const auto each : tasks)
      if (last < 0 || flight.times[at(each)].end > flight.times[at(last)].end) last = each;
    return last;
  };
  const auto members = std::int64_t{flight.members};
  scratch_.clear();
  for (auto task = latest(asked(flight).finals); task >= 0;
       task = latest(asked(flight).deps_of(at(task)))) {
    const auto& it = asked(flight).tasks[at(task)];
    const auto& times = flight.times[at(task)];
    const auto first = times.first_start < 0 ? times.start : times.first_start;
    const auto waited = first - times.ready;
    scratch_.push_back({global(flight, task), waited, times.start, times.end});
    split_.lost += members * (times.start - first);
    if (it.kind == Kind::transfer) {
      const auto latency = problem_.route_latency[at(it.route)];
      split_.wait_link += members * waited;
      split_.link_latency += members * latency;
      split_.sending += members * (times.end - times.start - latency);
      continue;
    }
    split_.wait_device += members * waited;
    split_.switching += members * (times.work - times.start);
    (it.kind == Kind::compute ? split_.compute : split_.convert) +=
        members * (times.end - times.work);
  }
  split_.wait_memory += members * (flight.admitted - flight.formed);
  split_.wait_batch += members * (flight.formed - flight.first_arrival) - flight.arrivals;
  if (completed - flight.first_arrival <= slowest_) return;
  slowest_ = completed - flight.first_arrival;
  critical_.assign(scratch_.rbegin(), scratch_.rend());
}

void Recorder::rate_changed(std::int64_t serial, std::int32_t task, std::int64_t when,
                            double fraction, double rate) {
  if (keep_timeline_)
    timeline_.rates.push_back(
        {static_cast<std::int32_t>(serial), global(flight_of(serial), task), when, fraction, rate});
}

void Recorder::changed(const models::Timeline::Change& change) {
  using What = models::Timeline::Change::What;
  fingerprint_.add(change.when, Event::change, static_cast<std::int64_t>(change.what),
                   change.index);
  if (change.what == What::device_down || change.what == What::device_up) {
    account(at(change.index), change.when);
    devices_[at(change.index)].down = change.what == What::device_down;
  }
  if (keep_timeline_) timeline_.changes.push_back(change);
}

/// What was under way when nothing could happen any more ends nowhere.
void Recorder::close(std::int64_t now) {
  for (auto& flight : flights_) {
    if (flight.serial < 0) continue;
    for (std::size_t t = 0; t < flight.times.size(); ++t) {
      const auto& times = flight.times[t];
      if (!times.under_way) continue;
      const auto& it = asked(flight).tasks[t];
      if (it.kind != Kind::transfer) slot_time_[at(it.device)].lost += now - times.start;
      if (!keep_timeline_) continue;
      auto& record = timeline_.records[at(times.record)];
      record.work = std::min(record.work, now);
      record.released = record.end = now;
      record.lost = true;
    }
  }
}

void Recorder::write(models::Outcome& outcome, const Tally& tally) {
  account_all(tally.last_event);
  if (tally.unfinished() > 0) close(tally.last_event);
  outcome.latency = split_;
  outcome.critical_path = critical_;
  outcome.fingerprint = fingerprint_.text();
  for (std::size_t d = 0; d < devices_.size(); ++d) {
    outcome.devices[d].time = slot_time_[d];
    outcome.devices[d].observed_peak = bench_.job().weights[d] + memory_.peak(d);
  }
  outcome.timeline = std::move(timeline_);
}

}  // namespace sim
