#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/platform/platform.h"

namespace models {

/// Finds the way of least time for 1 MiB from one device to every other: over links that join both,
/// or over switches. Ties go to fewer hops, then to the names of the links in order.
///
/// A transfer holds all links of its way for size / narrowest bandwidth and then takes the sum of
/// their latencies: a way's time is no sum over its links. So the search keeps, at every switch,
/// all ways that nobody beats in both latency and bandwidth. It runs once per switch for all
/// devices that have no other link (in a tree: all), and once for every other device.
class RouteSearch {
 public:
  explicit RouteSearch(const Platform& platform);
  ~RouteSearch();

  /// Turns to the ways from this device.
  void start_from(std::size_t device);
  /// Appends the best way to `device`; nothing if there is none. Answers whether there is one.
  bool append_way_to(std::size_t device, std::vector<Hop>& hops);

 private:
  struct Step {  ///< over one link; `end` is where it leads, or from where
    Hop hop;
    std::int32_t end = 0;
  };
  struct Way;
  struct Fan;
  struct Candidate;
  class Search;

  void add_links();
  void add_step(std::int32_t from, std::int32_t to, Hop hop);
  int compare_names(const Fan& fan, std::int32_t a, std::int32_t b) const;
  std::int32_t rank(Hop hop) const { return rank_[static_cast<std::size_t>(hop.link)]; }
  Time latency(Hop hop) const { return latency_[static_cast<std::size_t>(hop.link)]; }
  double bandwidth(Hop hop) const { return bandwidth_[static_cast<std::size_t>(hop.link)]; }
  bool is_better(const Candidate& a, const Candidate& b) const;
  Candidate best_way_to(std::size_t device) const;

  const Platform& platform_;
  std::vector<std::int32_t> rank_;  ///< [link] position of its name among all, sorted
  std::vector<Time> latency_;       ///< [link]
  std::vector<double> bandwidth_;   ///< [link] at full lanes

  std::vector<std::vector<Step>> up_;       ///< [device] to switches
  std::vector<std::vector<Step>> down_;     ///< [device] from switches
  std::vector<std::vector<Step>> direct_;   ///< [device] to devices
  std::vector<std::vector<Step>> between_;  ///< [switch] to switches
  std::vector<std::unique_ptr<Fan>> of_switch_;
  std::unique_ptr<Fan> of_device_;

  // Of the device we are at.
  std::size_t from_ = 0;
  const Fan* fan_ = nullptr;
  const Step* shared_up_ = nullptr;           ///< before each way of fan_; nullptr: it is within
  std::vector<std::vector<Hop>> direct_way_;  ///< [device] links that lead there at once
};

}  // namespace models
