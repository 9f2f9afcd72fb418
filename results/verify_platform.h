#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "models/timeline.h"

namespace results {

/// What the platform was like during an execution: speeds, bandwidths, failures, from a timeline's
/// changes. Independent of the engines.
class PlatformHistory {
 public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  explicit PlatformHistory(const models::Timeline& timeline);

  /// Whether anything ever changed.
  bool changes() const { return changes_; }
  /// Part of the device's speed at an instant, after what happens then.
  double pace(int device, std::int64_t when) const;
  /// Bytes per second, after what happens at the instant.
  double bandwidth(int channel, std::int64_t when) const;
  /// Picoseconds of work at full speed that a slot does between the two.
  double work(int device, std::int64_t from, std::int64_t to) const;
  /// The same of a fifo transfer that needs as long as planned when nothing changes.
  double sending(const models::Timeline::Task& task, std::int64_t from, std::int64_t to) const;
  /// The first instant from `when` on at which all it needs is in order; `never` if there is none.
  std::int64_t device_up(int device, std::int64_t when) const;
  std::int64_t links_up(const models::Timeline::Task& task, std::int64_t when) const;
  /// Whether what it needs fails at that instant, or strictly between the two.
  bool fails(const models::Timeline::Task& task, std::int64_t when) const;
  bool fails_between(const models::Timeline::Task& task, std::int64_t from, std::int64_t to) const;

 private:
  struct Step {
    std::int64_t when = 0;
    double value = 0;
  };
  struct Outage {
    std::int64_t from = 0;
    std::int64_t to = never;
  };
  using Outages = std::vector<Outage>;

  static double value_at(const std::vector<Step>& steps, std::int64_t when);
  static double area(const std::vector<Step>& steps, std::int64_t from, std::int64_t to);
  static std::int64_t up(const Outages& outages, std::int64_t when);
  template <class Visit>
  void for_outages(const models::Timeline::Task& task, Visit visit) const;
  double rate(const models::Timeline::Task& task, std::int64_t when) const;

  const models::Timeline& timeline_;
  bool changes_ = false;
  std::vector<std::vector<Step>> pace_;       ///< [device]
  std::vector<std::vector<Step>> bandwidth_;  ///< [channel]
  std::vector<Outages> device_down_;          ///< [device]
  std::vector<Outages> link_down_;            ///< [link]
};

}  // namespace results
