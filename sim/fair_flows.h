#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sim/kernel.h"

namespace sim {

/// An instant finer than a picosecond: whole picoseconds plus a fraction in [0, 1). A double alone
/// is too coarse beyond seconds.
struct FineTime {
  std::int64_t whole = 0;
  double fraction = 0;
  friend auto operator<=>(const FineTime&, const FineTime&) = default;
};
FineTime later(FineTime from, double picoseconds);
double picoseconds_between(FineTime from, FineTime to);

/// Flows that share channels by max-min fairness: progressive filling (Bertsekas & Gallager, Data
/// Networks, 1992, section 6.5.2), over the connected component that a change touches. A flow's end
/// is computed from its last change of rate.
class FairFlows {
 public:
  /// The end of what stands still.
  static constexpr FineTime never = {std::numeric_limits<std::int64_t>::max(), 0};
  using RateChange = void (*)(void* context, Activity, FineTime, double bytes_per_second);

  void reset(std::span<const double> channel_bandwidth);
  bool empty() const { return active_ == 0; }
  /// Adds a flow at `now`, which is not after next_end().
  void add(Activity activity, std::span<const std::int32_t> channels, double bytes, FineTime now);
  /// The earliest end of a flow; only if not empty.
  FineTime next_end() const;
  /// Ends that flow, frees its capacity, and says which it was.
  Activity end_next();
  /// Bytes per second from `now` on.
  void set_bandwidth(std::int32_t channel, double bandwidth, FineTime now);
  /// Ends a flow early; answers the share done, in [0, 1].
  double cancel(Activity activity, FineTime now);
  /// Told of every new rate.
  void observe(RateChange callback, void* context) {
    callback_ = callback;
    context_ = context;
  }

 private:
  struct Flow {
    Activity activity;
    double bytes = 0;
    double remaining = 0;  ///< bytes, at `since`
    double rate = 0;       ///< bytes per picosecond
    FineTime since, end;
    bool active = false;
    double new_rate = 0;
    std::uint64_t seen = 0;  ///< stamp of the last component it belonged to
    std::vector<std::int32_t> channels;
  };
  struct Channel {
    double capacity = 0;  ///< bytes per picosecond
    std::vector<std::int32_t> flows;
    std::uint64_t seen = 0;
    double left = 0;
    std::int32_t unfixed = 0;
  };

  void take_off(std::int32_t flow, FineTime now);
  void gather(std::span<const std::int32_t> channels);
  void fill();
  void apply(FineTime now);
  std::int32_t earliest() const;

  std::vector<Flow> flows_;
  std::vector<std::int32_t> free_;
  std::vector<Channel> channels_;
  std::vector<std::int32_t> near_flows_, near_channels_;
  std::uint64_t stamp_ = 0;
  std::int32_t active_ = 0;
  RateChange callback_ = nullptr;
  void* context_ = nullptr;
};

}  // namespace sim
