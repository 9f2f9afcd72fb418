#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/timeline.h"
#include "results/verify.h"

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
  const models::Timeline& timeline;
  /// [request * tasks + task] its record.
  std::vector<const models::Timeline::Record*> record_of;
  /// Instants at which something of no length ended, ascending: there was more than one round.
  std::vector<std::int64_t> rounds;

  const models::Timeline::Task& task(const models::Timeline::Record& record) const {
    return timeline.tasks[static_cast<std::size_t>(record.task)];
  }
  const models::Timeline::Record& record(std::int32_t request, int task) const {
    return *record_of[static_cast<std::size_t>(request) * timeline.tasks.size() +
                      static_cast<std::size_t>(task)];
  }
  /// What a fair transfer has to send, or how long anything else works: jitter included.
  std::int64_t asked(const models::Timeline::Record& record, std::int64_t amount) const;
  /// "task 'conv1' of request 0".
  std::string name(const models::Timeline::Record& record) const;
  bool is_fair(const models::Timeline::Task& task) const;
  /// Whether the record became ready in the only round of its instant: then ties at that instant
  /// follow the order. Otherwise it may have come too late.
  bool ready_at_once(const models::Timeline::Record& record) const;
};

/// The instant, exactly, with a unit.
std::string instant(std::int64_t picoseconds);

// Each checks one group of rules.
void check_tasks(const Execution& execution, Findings& findings);     ///< presence, work, latency
void check_devices(const Execution& execution, Findings& findings);   ///< slots, order, switching
void check_fifo(const Execution& execution, Findings& findings);      ///< one at a time, in order
void check_flows(const Execution& execution, Findings& findings);     ///< capacity, bytes, fairness
void check_requests(const Execution& execution, Findings& findings);  ///< memory, admission, ends

}  // namespace results
