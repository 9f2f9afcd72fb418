#include "results/verify.h"

#include <algorithm>
#include <stdexcept>
#include <tuple>

#include "models/units.h"
#include "models/workload.h"
#include "results/timeline_rows.h"
#include "results/verify_checks.h"

// The rules, by the names under which violations are reported:
//
// - shape: every number points at something that is there
// - once: each task is executed exactly once per request, attempts that failures undid aside
// - times: ready <= start <= work <= released <= end
// - presence: nothing starts before what it reads is present and its request is admitted
// - work: work done is work asked: duration x jitter, bytes of a fair flow
// - latency: a transfer is present its latency after its last byte was sent; a fair one flows after
// - slots: a device runs at most one task per slot
// - switching: the precision switch is paid exactly when the format changes
// - order: strict: (request, position); ready: the first of those that are ready
// - waiting: nobody waits while what he waits for is free
// - capacity: a fifo channel carries one transfer at a time, a fair one at most its bandwidth
// - fairness: every fair flow is held by a full channel on which nobody flows faster
// - memory: weights and admitted requests fit
// - admission: in order of arrival, as soon as there is memory
// - failure: attempts are lost when their device or link fails, and nothing runs while it is out of
// order
// - buffers, copy engines: no device takes in or handles more transfers than it can
// - batch: its requests are of one network, in order, and have arrived when it forms
// - completion: a request completes when the last of its results is at the sink

namespace results {

using models::Timeline;

std::string instant(std::int64_t picoseconds) {
  return models::to_text(models::Time(picoseconds));
}

std::string to_text(const Violation& violation) {
  return violation.rule + ": " + violation.where + ", at " + instant(violation.when) + ": " +
         violation.what;
}

std::int64_t Execution::asked(const Record& record, std::int64_t amount) const {
  const auto& stream = timeline.streams[static_cast<std::size_t>(task(record).stream)];
  models::Workload workload;
  workload.jitter = stream.jitter;
  workload.jitter_shape = stream.jitter_exponential ? models::Workload::JitterShape::exponential
                                                    : models::Workload::JitterShape::uniform;
  workload.seed = stream.jitter_seed;
  return models::jittered(amount, workload, request(record).number,
                          record.task - stream.first_task);
}

std::int64_t Execution::duration(const Record& record) const {
  const auto others = request(record).more.size();
  return others == 0 ? task(record).duration : task(record).batch_durations[others - 1];
}

std::int64_t Execution::bytes(const Record& record) const {
  const auto others = request(record).more.size();
  return others == 0 ? task(record).bytes : task(record).batch_bytes[others - 1];
}

bool Execution::before(const Record& a, const Record& b) const {
  const auto priority = [&](const Record& record) {
    return timeline.streams[static_cast<std::size_t>(request(record).stream)].priority;
  };
  return std::tuple(priority(a), a.request, a.task) < std::tuple(priority(b), b.request, b.task);
}

std::string Execution::name(const Record& record) const {
  const auto& of = request(record);
  const auto& network = timeline.streams[static_cast<std::size_t>(of.stream)].name;
  return "task '" + task(record).name + "' of request " +
         std::to_string(timeline.streams.size() > 1 ? of.number : record.request) +
         (timeline.streams.size() > 1 ? " of '" + network + "'" : "");
}

bool Execution::is_fair(const Timeline::Task& task) const {
  return !task.channels.empty() &&
         timeline.channels[static_cast<std::size_t>(task.channels.front())].fair;
}

bool Execution::is_limited(const Timeline::Task& task) const {
  if (task.target < 0) return false;
  const auto& from = timeline.devices[static_cast<std::size_t>(task.device)];
  const auto& to = timeline.devices[static_cast<std::size_t>(task.target)];
  return from.copy_engines > 0 || to.copy_engines > 0 || to.buffers > 0;
}

bool Execution::ready_at_once(const Record& record) const {
  return !std::binary_search(rounds.begin(), rounds.end(), waits_since(record));
}

namespace {

/// Attempt after attempt; only the last one is not lost.
void take_attempt(Execution& execution, const Timeline::Record& record,
                  std::vector<const Timeline::Record*>& last, Findings& findings) {
  const auto place = execution.place(record.request, record.task);
  auto since = record.ready;
  if (last[place]) {
    since = std::max(since, last[place]->released);
    if (!last[place]->lost)
      findings.add("once", "request " + std::to_string(record.request), record.start,
                   execution.name(record) + " is executed twice");
  } else {
    execution.first_of[place] = &record;
  }
  last[place] = &record;
  if (!record.lost) execution.record_of[place] = &record;
  execution.since.push_back(since);
  if (record.start == record.end) execution.rounds.push_back(record.end);
}

/// Whether all is there exactly once, so that the other checks may rely on it.
bool take_in(Execution& execution, Findings& findings) {
  const auto& timeline = execution.timeline;
  const auto tasks = timeline.tasks.size();
  execution.record_of.assign(tasks * timeline.requests.size(), nullptr);
  execution.first_of = execution.record_of;
  auto last = execution.record_of;
  for (const auto& record : timeline.records) {
    if (execution.task(record).stream != execution.request(record).stream)
      findings.add("once", "request " + std::to_string(record.request), record.start,
                   execution.name(record) + " is of another network");
    take_attempt(execution, record, last, findings);
  }
  std::sort(execution.rounds.begin(), execution.rounds.end());
  for (std::size_t i = 0; i < execution.record_of.size(); ++i) {
    const auto& request = timeline.requests[i / tasks];
    const auto& task = timeline.tasks[i % tasks];
    if (execution.record_of[i] || request.completed < 0 || task.stream != request.stream) continue;
    findings.add(
        "once", "request " + std::to_string(i / tasks), 0,
        "task '" + task.name + "' of request " + std::to_string(i / tasks) + " is never executed");
  }
  return findings.none();
}

void check_shape(const Timeline& timeline, Findings& findings) {
  try {
    check_indices(timeline);
  } catch (const std::out_of_range& error) {
    findings.add("shape", "the timeline", 0, error.what());
  }
  for (const auto& device : timeline.devices) {
    if (device.slots >= 1) continue;
    findings.add("shape", "device '" + device.name + "'", 0, "it has no slots");
  }
  for (const auto& task : timeline.tasks) {
    bool mixed = false;
    for (const int channel : task.channels) {
      if (channel < 0 || static_cast<std::size_t>(channel) >= timeline.channels.size()) return;
      const auto fair = [&](int c) { return timeline.channels[static_cast<std::size_t>(c)].fair; };
      mixed = mixed || fair(channel) != fair(task.channels.front());
    }
    if (mixed) {
      findings.add("shape", "task '" + task.name + "'", 0,
                   "its route has fifo and fair links; a route must be of one kind");
    }
  }
  std::int64_t before = 0;
  for (const auto& record : timeline.records) {
    if (&record != &timeline.records.front() && record.start < before) {
      findings.add("shape", "the records", record.start,
                   "they are not in the order of their start");
    }
    before = record.start;
  }
}

}  // namespace

std::vector<Violation> verify(const Timeline& timeline, std::size_t most) {
  Findings findings(most);
  check_shape(timeline, findings);
  if (!findings.none()) return findings.take();
  Execution execution(timeline);
  if (!take_in(execution, findings)) return findings.take();
  check_tasks(execution, findings);
  check_requests(execution, findings);
  check_devices(execution, findings);
  check_fifo(execution, findings);
  check_flows(execution, findings);
  check_limits(execution, findings);
  return findings.take();
}

}  // namespace results
