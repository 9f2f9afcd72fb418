#include <algorithm>
#include <queue>

#include "results/verify_checks.h"

namespace results {
namespace {

using models::Timeline;

void check_presence(const Execution& execution, const Timeline::Record& record,
                    Findings& findings) {
  const auto admitted =
      execution.timeline.requests[static_cast<std::size_t>(record.request)].admitted;
  const std::string where = "request " + std::to_string(record.request);
  std::int64_t present = admitted;
  for (const int read : execution.task(record).reads) {
    const auto& maker = execution.record(record.request, read);
    present = std::max(present, maker.end);
    if (record.start < maker.end) {
      findings.add("presence", where, record.start,
                   execution.name(record) + " starts before what it reads from " +
                       execution.name(maker) + " is present at " + instant(maker.end));
    }
  }
  if (record.start < admitted) {
    findings.add(
        "presence", where, record.start,
        execution.name(record) + " starts before its request is admitted at " + instant(admitted));
  } else if (record.ready != present) {
    findings.add("presence", where, record.ready,
                 execution.name(record) +
                     " is said to be ready then, but what it reads is present " + "at " +
                     instant(present));
  }
}

/// Of everything but fair flows, whose bytes check_flows adds up.
void check_work(const Execution& execution, const Timeline::Record& record, Findings& findings) {
  const auto& task = execution.task(record);
  const auto done = record.released - record.work;
  const auto asked = execution.asked(record, task.duration);
  if (done != asked) {
    findings.add(
        "work", execution.timeline.devices[static_cast<std::size_t>(task.device)].name, record.work,
        execution.name(record) + " works for " + instant(done) + " instead of " + instant(asked));
  }
  const auto latency = task.kind == Timeline::Kind::transfer ? task.latency : 0;
  if (record.end != record.released + latency) {
    findings.add("latency", execution.name(record), record.released,
                 "its result is present after " + instant(record.end - record.released) +
                     " instead of " + instant(latency));
  }
}

}  // namespace

void check_tasks(const Execution& execution, Findings& findings) {
  for (const auto& record : execution.timeline.records) {
    const bool forwards = record.ready <= record.start && record.start <= record.work &&
                          record.work <= record.released && record.released <= record.end;
    if (!forwards) {
      findings.add("times", execution.name(record), record.start,
                   "ready, start, work, released and end are not in this order");
    }
    check_presence(execution, record, findings);
    const auto& task = execution.task(record);
    if (task.kind == Timeline::Kind::transfer && record.work != record.start &&
        !execution.is_fair(task)) {
      findings.add("work", execution.name(record), record.start,
                   "a transfer switches no precision");
    }
    if (!execution.is_fair(task)) check_work(execution, record, findings);
  }
}

namespace {

/// How many requests fit into a device at once; -1: any number.
std::int64_t places(const Timeline::Device& device) {
  if (device.per_request <= 0) return device.weights <= device.capacity ? -1 : 0;
  return std::max<std::int64_t>(0, device.capacity - device.weights) / device.per_request;
}

void check_memory(const Timeline& timeline, Findings& findings) {
  // At one instant, who completes leaves before others are admitted.
  std::vector<std::pair<std::int64_t, int>> changes;
  for (const auto& request : timeline.requests) {
    if (request.admitted == request.completed) continue;
    changes.push_back({request.admitted, 1});
    changes.push_back({request.completed, -1});
  }
  std::sort(changes.begin(), changes.end());
  for (const auto& device : timeline.devices) {
    const auto most = places(device);
    std::int64_t inside = 0;
    for (const auto& [when, change] : changes) {
      inside += change;
      if (most < 0 || change < 0 || inside <= most) continue;
      findings.add("memory", "device '" + device.name + "'", when,
                   std::to_string(inside) + " requests are admitted, " + std::to_string(most) +
                       " fit beside the weights");
      break;
    }
    if (most == 0 && changes.empty() && !timeline.requests.empty()) {
      findings.add("memory", "device '" + device.name + "'", 0, "no request fits");
    }
  }
}

void check_admission(const Timeline& timeline, Findings& findings) {
  std::int64_t most = -1;
  for (const auto& device : timeline.devices) {
    const auto here = places(device);
    if (here >= 0) most = most < 0 ? here : std::min(most, here);
  }
  std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> completions;
  std::int64_t arrival = 0;
  std::int64_t admitted = 0;
  for (std::size_t r = 0; r < timeline.requests.size(); ++r) {
    const auto& request = timeline.requests[r];
    const std::string where = "request " + std::to_string(r);
    if (r > 0 && request.arrival < arrival) {
      findings.add("admission", where, request.arrival, "requests are not numbered by arrival");
    }
    arrival = request.arrival;
    auto expected = r == 0 ? request.arrival : std::max(request.arrival, admitted);
    while (most > 0 && std::ssize(completions) >= most) {
      expected = std::max(expected, completions.top());
      completions.pop();
    }
    if (request.admitted < request.arrival) {
      findings.add("admission", where, request.admitted, "it is admitted before it arrives");
    } else if (r > 0 && request.admitted < admitted) {
      findings.add("admission", where, request.admitted, "it overtakes the one before");
    } else if (request.admitted > expected) {
      findings.add("admission", where, request.admitted,
                   "there is memory for it from " + instant(expected) + " on");
    }
    admitted = request.admitted;
    completions.push(request.completed);
  }
}

}  // namespace

void check_requests(const Execution& execution, Findings& findings) {
  const auto& timeline = execution.timeline;
  std::vector<std::int64_t> last(timeline.requests.size());
  for (std::size_t r = 0; r < last.size(); ++r) last[r] = timeline.requests[r].admitted;
  for (const auto& record : timeline.records) {
    if (!execution.task(record).to_sink) continue;
    auto& end = last[static_cast<std::size_t>(record.request)];
    end = std::max(end, record.end);
  }
  for (std::size_t r = 0; r < last.size(); ++r) {
    const auto completed = timeline.requests[r].completed;
    if (completed == last[r]) continue;
    findings.add("completion", "request " + std::to_string(r), completed,
                 "its last result is at the sink at " + instant(last[r]));
  }
  check_memory(timeline, findings);
  check_admission(timeline, findings);
}

}  // namespace results
