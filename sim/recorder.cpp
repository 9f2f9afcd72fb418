#include "sim/recorder.h"

#include <algorithm>

#include "sim/timeline_head.h"

namespace sim {
namespace {

using models::TaskGraph;
using Kind = TaskGraph::Kind;

std::size_t at(auto index) {
  return static_cast<std::size_t>(index);
}

}  // namespace

Recorder::Recorder(const TaskGraph& graph, bool keep_timeline)
    : graph_(graph),
      problem_(graph.problem()),
      keep_timeline_(keep_timeline),
      slot_time_(at(problem_.devices)),
      devices_(at(problem_.devices)),
      tasks_on_(at(problem_.devices)) {
  count_per_task();
  if (keep_timeline_) timeline_ = timeline_head(graph_);
}

void Recorder::count_per_task() {
  const auto tasks = graph_.tasks();
  made_bytes_.resize(tasks.size());
  made_on_.resize(tasks.size());
  reader_count_.assign(tasks.size(), 0);
  input_readers_.assign(at(problem_.inputs), 0);
  for (const auto dep : graph_.deps()) ++reader_count_[at(dep)];
  for (const auto& read : graph_.input_reads()) ++input_readers_[at(read.tensor)];
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const auto& task = tasks[i];
    const auto bytes_of = [&](std::int32_t tensor) {
      return problem_.bytes[at(tensor) * at(problem_.formats) + task.to];
    };
    if (task.kind == Kind::compute)
      for (auto t = problem_.output_begin[at(task.subject)]; t < problem_.output_begin[at(task.subject) + 1]; ++t)
        made_bytes_[i] += bytes_of(t);
    else
      made_bytes_[i] = bytes_of(task.subject);
    made_on_[i] = task.kind == Kind::transfer ? task.target : task.device;
    if (task.kind != Kind::transfer) {
      ++tasks_on_[at(task.device)];
      devices_[at(task.device)].used = true;
    }
  }
}

Recorder::Flight& Recorder::flight_of(std::int64_t request) {
  const auto found = std::ranges::find(flights_, request, &Flight::request);
  if (found != flights_.end()) return *found;
  auto free = std::ranges::find(flights_, -1, &Flight::request);
  if (free == flights_.end()) free = flights_.insert(free, Flight{});
  free->request = request;
  free->times.assign(graph_.tasks().size(), Times{});
  free->readers = reader_count_;
  free->input_readers = input_readers_;
  return *free;
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

void Recorder::hold(std::size_t device, std::int64_t bytes) {
  auto& it = devices_[device];
  it.held += bytes;
  it.peak = std::max(it.peak, it.held);
}

void Recorder::arrived(std::int64_t now, std::int64_t request) {
  if (request == 0)
    for (auto& device : devices_) device.since = now;
  fingerprint_.add(now, Fingerprint::Event::arrival, request, 0);
  account_all(now);
  ++waiting_;
  flight_of(request).arrival = now;
  if (keep_timeline_) timeline_.requests.push_back({now, now, now});
}

void Recorder::admitted(std::int64_t now, std::int64_t request) {
  fingerprint_.add(now, Fingerprint::Event::admission, request, 0);
  account_all(now);
  --waiting_;
  for (std::size_t d = 0; d < devices_.size(); ++d) devices_[d].pending += tasks_on_[d];
  auto& flight = flight_of(request);
  flight.admitted = now;
  for (auto& times : flight.times) times.ready = now;
  for (int t = 0; t < problem_.inputs; ++t)
    hold(at(problem_.source), problem_.bytes[at(t) * at(problem_.formats) + problem_.input_format]);
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
  hold(at(made_on_[at(task)]), made_bytes_[at(task)]);
  const auto& it = graph_.tasks()[at(task)];
  if (it.kind != Kind::transfer) {
    account(at(it.device), now);
    --devices_[at(it.device)].pending;
    ++devices_[at(it.device)].running;
  }
  if (!keep_timeline_) return;
  times.record = static_cast<std::int32_t>(timeline_.records.size());
  timeline_.records.push_back({static_cast<std::int32_t>(request), task, slot, times.ready, now, work,
                               0, 0});
}

void Recorder::give_back_read_by(Flight& flight, std::int32_t task) {
  for (const auto dep : graph_.deps_of(at(task)))
    if (--flight.readers[at(dep)] == 0 && made_on_[at(dep)] >= 0)
      devices_[at(made_on_[at(dep)])].held -= made_bytes_[at(dep)];
  give_back_inputs_of(flight, task);
}

void Recorder::give_back_inputs_of(Flight& flight, std::int32_t task) {
  for (const auto& read : graph_.input_reads()) {
    if (read.task != task || --flight.input_readers[at(read.tensor)] > 0) continue;
    devices_[at(problem_.source)].held -=
        problem_.bytes[at(read.tensor) * at(problem_.formats) + problem_.input_format];
  }
}

void Recorder::released(std::int64_t now, std::int64_t request, std::int32_t task) {
  auto& flight = flight_of(request);
  auto& times = flight.times[at(task)];
  times.released = now;
  give_back_read_by(flight, task);
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
  // What nobody reads, and what the sink takes, was held to the end.
  for (std::size_t i = 0; i < flight.readers.size(); ++i)
    if (reader_count_[i] == 0) devices_[at(made_on_[i])].held -= made_bytes_[i];
  for (std::size_t t = 0; t < input_readers_.size(); ++t)
    if (input_readers_[t] == 0)
      devices_[at(problem_.source)].held -=
          problem_.bytes[t * at(problem_.formats) + problem_.input_format];
  flight.request = -1;
  if (keep_timeline_) timeline_.requests[at(request)].completed = now;
}

/// From the request's last arrival at the sink back to its own arrival: what each step was spent on.
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
    outcome.devices[d].observed_peak = graph_.totals().devices[d].weights + devices_[d].peak;
  }
  outcome.timeline = std::move(timeline_);
}

}  // namespace sim
