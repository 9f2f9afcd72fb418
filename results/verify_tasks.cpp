#include <algorithm>
#include <set>
#include <utility>

#include "models/units.h"
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
    const auto* made = execution.record_of[execution.place(record.request, read)];
    if (made == nullptr) {
      findings.add("presence", where, record.start,
                   execution.name(record) + " starts, but what it reads is never made");
      continue;
    }
    const auto& maker = *made;
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

/// A fifo transfer at the bandwidths that its links had.
void check_sending(const Execution& execution, const Timeline::Record& record, Findings& findings) {
  const auto& task = execution.task(record);
  const auto asked = static_cast<double>(execution.asked(record, execution.duration(record)));
  const double slack = asked * 1e-9 + 0.05;
  const double done = execution.platform.sending(task, record.start, record.released);
  const double before = execution.platform.sending(task, record.start, record.released - 1);
  if (before <= asked + slack && (record.lost || done >= asked - slack)) return;
  findings.add("work", execution.name(record), record.start,
               "it is sent for " + models::shortest(done) +
                   " ps at the planned bandwidth instead of " + models::shortest(asked));
}

/// Of everything but fair flows, whose bytes check_flows adds up; where speeds change,
/// check_devices looks after devices.
void check_work(const Execution& execution, const Timeline::Record& record, Findings& findings) {
  const auto& task = execution.task(record);
  const auto done = record.released - record.work;
  const auto asked = execution.asked(record, execution.duration(record));
  if (execution.platform.changes()) {
    if (task.kind == Timeline::Kind::transfer) check_sending(execution, record, findings);
  } else if (record.lost ? done > asked : done != asked) {
    findings.add(
        "work", execution.timeline.devices[static_cast<std::size_t>(task.device)].name, record.work,
        execution.name(record) + " works for " + instant(done) + " instead of " + instant(asked));
  }
  if (record.lost) return;
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

/// Bytes that the request, or batch, holds on a device.
std::int64_t need(const Timeline& timeline, const Timeline::Request& request, std::size_t device) {
  const auto& needs = timeline.streams[static_cast<std::size_t>(request.stream)].needs;
  return needs.empty() ? timeline.devices[device].per_request
                       : needs[request.more.size() * timeline.devices.size() + device];
}

/// What is admitted, while time goes on.
class Memory {
 public:
  explicit Memory(const Timeline& timeline) : timeline_(timeline), held_(timeline.devices.size()) {}

  void add(const Timeline::Request& request, int sign) {
    inside_ += sign;
    for (std::size_t d = 0; d < held_.size(); ++d) held_[d] += sign * need(timeline_, request, d);
  }
  /// The first device that cannot hold the request as well; -1 if all can. An only one is let in.
  int without_room(const Timeline::Request& request) const {
    for (std::size_t d = 0; d < held_.size() && inside_ > 0; ++d) {
      const auto& device = timeline_.devices[d];
      if (device.weights + held_[d] + need(timeline_, request, d) > device.capacity)
        return static_cast<int>(d);
    }
    return -1;
  }
  std::int64_t inside() const { return inside_; }

 private:
  const Timeline& timeline_;
  std::int64_t inside_ = 0;
  std::vector<std::int64_t> held_;
};

/// Goes through admissions as they happened: in order of priority and arrival, as soon as there is
/// memory, never without.
class AdmissionCheck {
 public:
  AdmissionCheck(const Execution& execution, Findings& findings)
      : timeline_(execution.timeline),
        rounds_(execution.rounds),
        findings_(findings),
        memory_(execution.timeline) {}

  void run() {
    std::vector<std::int64_t> instants;
    for (std::size_t r = 0; r < timeline_.requests.size(); ++r) {
      const auto& request = timeline_.requests[r];
      formed_.push_back({request.formed, r});
      if (request.admitted >= 0) admitted_.push_back({request.admitted, r});
      if (request.completed >= 0) completed_.push_back({request.completed, r});
      for (const auto when : {request.formed, request.admitted, request.completed})
        if (when >= 0) instants.push_back(when);
    }
    for (auto* list : {&formed_, &admitted_, &completed_}) std::ranges::sort(*list);
    std::ranges::sort(instants);
    instants.erase(std::unique(instants.begin(), instants.end()), instants.end());
    for (const auto now : instants) step(now);
  }

 private:
  using Entry = std::pair<std::int64_t, std::size_t>;  ///< instant, request
  using List = std::vector<Entry>;

  const Timeline::Request& request(std::size_t r) const { return timeline_.requests[r]; }
  /// (priority, request): who goes first.
  Entry order(std::size_t r) const {
    return {timeline_.streams[static_cast<std::size_t>(request(r).stream)].priority, r};
  }
  void add(const std::string& rule, std::size_t r, std::int64_t when, const std::string& what) {
    findings_.add(rule, "request " + std::to_string(r), when, what);
  }

  void step(std::int64_t now) {
    for (; next_completed_ < completed_.size() && completed_[next_completed_].first == now;
         ++next_completed_) {
      const auto& done = request(completed_[next_completed_].second);
      if (done.admitted >= 0 && done.admitted < now) memory_.add(done, -1);
    }
    for (; next_formed_ < formed_.size() && formed_[next_formed_].first == now; ++next_formed_)
      waiting_.insert(order(formed_[next_formed_].second));
    List entering;
    for (; next_admitted_ < admitted_.size() && admitted_[next_admitted_].first == now;
         ++next_admitted_)
      entering.push_back(order(admitted_[next_admitted_].second));
    std::ranges::sort(entering);
    const bool one_round = !std::ranges::binary_search(rounds_, now);
    for (const auto& each : entering) enter(each, now, one_round);
    if (waiting_.empty()) return;
    const auto head = waiting_.begin()->second;
    if (memory_.without_room(request(head)) < 0)
      add("admission", head, now, "there is memory for it from " + instant(now) + " on");
  }

  void enter(const Entry& each, std::int64_t now, bool one_round) {
    const auto r = each.second;
    const auto& it = request(r);
    if (waiting_.erase(each) == 0)
      add("admission", r, now, "it is admitted before it arrives");
    else if (one_round && !waiting_.empty() && *waiting_.begin() < each)
      add("admission", r, now, "it overtakes request " + std::to_string(waiting_.begin()->second));
    if (const int d = memory_.without_room(it); d >= 0)
      findings_.add("memory",
                    "device '" + timeline_.devices[static_cast<std::size_t>(d)].name + "'", now,
                    "request " + std::to_string(r) + " is admitted beside " +
                        std::to_string(memory_.inside()) + " others and does not fit");
    memory_.add(it, 1);
    if (it.completed == now) memory_.add(it, -1);
  }

  const Timeline& timeline_;
  const std::vector<std::int64_t>& rounds_;
  Findings& findings_;
  Memory memory_;
  List formed_, admitted_, completed_;
  std::size_t next_formed_ = 0, next_admitted_ = 0, next_completed_ = 0;
  std::set<Entry> waiting_;
};

/// Nothing fits at all: beyond that an only request is let in.
void check_capacity(const Timeline& timeline, Findings& findings) {
  for (std::size_t d = 0; d < timeline.devices.size(); ++d) {
    const auto& device = timeline.devices[d];
    for (const auto& request : timeline.requests) {
      if (request.admitted < 0) continue;
      if (device.weights + need(timeline, request, d) <= device.capacity) continue;
      findings.add("memory", "device '" + device.name + "'", request.admitted,
                   "no request fits beside the weights");
      break;
    }
  }
}

/// Members of a batch have arrived when it forms; numbers and arrivals ascend in a network.
void check_batches(const Timeline& timeline, Findings& findings) {
  std::vector<std::int64_t> number(timeline.streams.size(), -1);
  std::vector<std::int64_t> arrival(timeline.streams.size());
  for (std::size_t r = 0; r < timeline.requests.size(); ++r) {
    const auto& request = timeline.requests[r];
    const std::string where = "request " + std::to_string(r);
    auto& next = number[static_cast<std::size_t>(request.stream)];
    auto& latest = arrival[static_cast<std::size_t>(request.stream)];
    const bool named = next >= 0 && request.number != 0;
    if (named && request.number != next)
      findings.add("batch", where, request.formed,
                   "its number is " + std::to_string(request.number) + " instead of " +
                       std::to_string(next));
    next = request.number + 1 + std::ssize(request.more);
    if (request.arrival < latest)
      findings.add("admission", where, request.arrival, "requests are not numbered by arrival");
    latest = request.arrival;
    for (const auto member : request.more) {
      if (member < latest)
        findings.add("batch", where, member, "its requests are not in order of arrival");
      latest = member;
    }
    if (request.formed < latest)
      findings.add("batch", where, request.formed, "it forms before all of it has arrived");
  }
}

}  // namespace

void check_requests(const Execution& execution, Findings& findings) {
  const auto& timeline = execution.timeline;
  std::vector<std::int64_t> last(timeline.requests.size());
  std::vector<bool> open(timeline.requests.size());  // some result never comes
  for (std::size_t r = 0; r < last.size(); ++r) {
    last[r] = timeline.requests[r].admitted;
    if (timeline.requests[r].completed < 0) open[r] = last[r] < 0;
  }
  for (std::size_t r = 0; r < last.size(); ++r)
    for (std::size_t t = 0; t < timeline.tasks.size(); ++t) {
      const auto& task = timeline.tasks[t];
      if (!task.to_sink || task.stream != timeline.requests[r].stream) continue;
      const auto* record = execution.record_of[r * timeline.tasks.size() + t];
      if (record == nullptr)
        open[r] = true;
      else
        last[r] = std::max(last[r], record->end);
    }
  for (std::size_t r = 0; r < last.size(); ++r) {
    const auto completed = timeline.requests[r].completed;
    if (open[r] ? completed < 0 : completed == last[r]) continue;
    findings.add("completion", "request " + std::to_string(r), completed,
                 "its last result is at the sink at " + instant(last[r]));
  }
  check_capacity(timeline, findings);
  check_batches(timeline, findings);
  AdmissionCheck(execution, findings).run();
}

}  // namespace results
