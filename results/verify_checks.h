#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/timeline.h"
#include "results/verify.h"
#include "results/verify_platform.h"

namespace results {

/// Collects violations, up to a number.
class Findings {
 public:
  explicit Findings(std::size_t most) : most_(most) {}
  void add(const std::string& rule, const std::string& where, std::int64_t when,
           const std::string& what) {
    if (all_.size() < most_) all_.push_back({rule, what, where, when});
  }
  bool none() const { return all_.empty(); }
  std::vector<Violation> take() { return std::move(all_); }

 private:
  std::size_t most_;
  std::vector<Violation> all_;
};

/// A timeline whose indices hold, with its records in order.
struct Execution {
  using Record = models::Timeline::Record;
  const models::Timeline& timeline;
  PlatformHistory platform;
  /// [request * tasks + task] the attempt that was not lost; nullptr if there is none.
  std::vector<const Record*> record_of;
  /// [request * tasks + task] the first attempt.
  std::vector<const Record*> first_of;
  /// [record] when it was ready, or the attempt before it was lost.
  std::vector<std::int64_t> since;
  /// Instants at which something of no length ended, ascending: there was more than one round.
  std::vector<std::int64_t> rounds;

  explicit Execution(const models::Timeline& of) : timeline(of), platform(of) {}

  const models::Timeline::Task& task(const Record& record) const {
    return timeline.tasks[static_cast<std::size_t>(record.task)];
  }
  std::size_t place(std::int32_t request, int task) const {
    return static_cast<std::size_t>(request) * timeline.tasks.size() +
           static_cast<std::size_t>(task);
  }
  std::int64_t waits_since(const Record& record) const {
    return since[static_cast<std::size_t>(&record - timeline.records.data())];
  }
  /// Whether an attempt before it was lost.
  bool again(const Record& record) const {
    return first_of[place(record.request, record.task)] != &record;
  }
  const models::Timeline::Request& request(const Record& record) const {
    return timeline.requests[static_cast<std::size_t>(record.request)];
  }
  /// Whether `a` goes first where both could: priority, request, position.
  bool before(const Record& a, const Record& b) const;
  /// What a fair transfer has to send, or how long anything else works: jitter included.
  std::int64_t asked(const Record& record, std::int64_t amount) const;
  /// Of the task, in the batch that the record is of; without jitter.
  std::int64_t duration(const Record& record) const;
  std::int64_t bytes(const Record& record) const;
  /// "task 'conv1' of request 0".
  std::string name(const Record& record) const;
  bool is_fair(const models::Timeline::Task& task) const;
  /// Whether sender or receiver of a transfer have buffers or copy engines that it may wait for.
  bool is_limited(const models::Timeline::Task& task) const;
  /// Whether the record could be started from the only round of its instant on: then ties at that
  /// instant follow the order. Otherwise it may have come too late.
  bool ready_at_once(const Record& record) const;
};

/// The instant, exactly, with a unit.
std::string instant(std::int64_t picoseconds);

// Each checks one group of rules.
void check_tasks(const Execution& execution, Findings& findings);     ///< presence, work, latency
void check_devices(const Execution& execution, Findings& findings);   ///< slots, order, switching
void check_fifo(const Execution& execution, Findings& findings);      ///< one at a time, in order
void check_flows(const Execution& execution, Findings& findings);     ///< capacity, bytes, fairness
void check_requests(const Execution& execution, Findings& findings);  ///< memory, admission, ends
void check_limits(const Execution& execution, Findings& findings);    ///< buffers, copy engines

}  // namespace results
