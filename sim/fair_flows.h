#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sim/end_queue.h"
#include "sim/fine.h"
#include "sim/kernel.h"

namespace sim {

/// Flows that share channels by max-min fairness: progressive filling (Bertsekas & Gallager, Data
/// Networks, 1992, section 6.5.2), over the connected component that a change touches, once per
/// instant.
///
/// Flows of one route always have the same rate, so they form a *bundle*: what each of them has
/// been sent is counted once, and each ends when the count reaches its mark. A change costs as much
/// as the bundles it touches, however many flows they hold.
class FairFlows {
 public:
  /// The end of what stands still.
  static constexpr Fine never = {std::numeric_limits<std::int64_t>::max(), 0};
  using RateChange = void (*)(void* context, Activity, Fine when, double bytes_per_second);

  void reset(std::span<const double> channel_bandwidth);
  bool empty() const { return ends_.empty(); }

  // Instants in picoseconds. `now` never goes back, and is not after next_end().

  void add(Activity activity, std::span<const std::int32_t> channels, double bytes, Fine now);
  /// Bytes per second from `now` on.
  void set_bandwidth(std::int32_t channel, double bandwidth, Fine now);
  /// Ends a flow early; answers the share done, in [0, 1].
  double cancel(Activity activity, Fine now);
  /// The earliest end of a flow, or never.
  Fine next_end();
  /// Ends that flow, frees its capacity, and says which it was.
  Activity end_next();
  /// Told of every new rate, 0 at the end.
  void observe(RateChange callback, void* context) {
    callback_ = callback;
    context_ = context;
  }

 private:
  struct Flow {
    Fine mark;  ///< of the bundle's `sent` at which it ends
    Activity activity;
    double bytes = 0;
    bool told = false;  ///< of its rate
    bool operator<(const Flow& other) const {
      return mark != other.mark ? mark < other.mark : activity < other.activity;
    }
    bool operator>(const Flow& other) const { return other < *this; }
  };
  struct Bundle {
    std::uint32_t first = 0;  ///< into hops_
    std::uint32_t hops = 0;
    std::uint32_t next = 0;  ///< bundle with the same hash, plus one
    std::uint64_t hash = 0;
    std::int32_t bottleneck = -1;  ///< channel that limits its rate
    std::uint64_t seen = 0;        ///< stamp of the last change that touched it
    std::uint64_t fixed = 0;       ///< stamp of the last change in which it got a new rate
    double rate = 0;               ///< bytes per picosecond of each flow
    double new_rate = 0;
    Fine sent;  ///< bytes, to each flow that was there all the time; at `since`
    Fine since;
    std::vector<Flow> flows;  ///< a heap, the first to end on top
  };
  /// A bundle's crossing of a channel.
  struct Hop {
    std::int32_t channel = 0;
    std::uint32_t place = 0;  ///< in the channel's list
  };
  struct Crossing {
    std::int32_t bundle = 0;
    std::uint32_t hop = 0;  ///< into hops_
  };
  static constexpr double unlimited = std::numeric_limits<double>::infinity();
  struct Channel {
    double capacity = 0;       ///< bytes per picosecond
    double level = unlimited;  ///< what each flow gets that it limits, if it is full
    std::uint64_t seen = 0;    ///< stamp of the last change that touched it
    double left = 0;           ///< while filling
    std::int64_t open = 0;     ///< flows without a rate while filling
    /// While filling again: changed; no longer full at its old level; full at its new one.
    enum class State : std::uint8_t { dirty, released, full } state = State::dirty;
    double share = 0;  ///< its new level, as far as is known
    double next = 0;   ///< where it is looked at next
    std::vector<Crossing> crossings;
  };
  struct Share {
    double rate = 0;
    std::int32_t channel = 0;
    bool operator>(const Share& other) const { return rate > other.rate; }
  };

  std::span<Hop> hops(const Bundle& bundle) {
    return std::span(hops_).subspan(bundle.first, bundle.hops);
  }
  struct Limit {
    double rate = 0;
    std::int64_t flows = 0;
  };

  std::int32_t bundle_of(std::span<const std::int32_t> channels);
  void open(std::int32_t bundle, Fine now);
  void close(std::int32_t bundle);
  void count(Bundle& bundle, Fine now);
  void set_end(std::int32_t bundle);
  void touch(const Bundle& bundle, Fine now);
  void touch(std::int32_t channel);
  void at_instant(Fine now);
  void settle();
  bool fill_alone();
  bool refill();
  bool is_open(const Bundle& bundle) const;
  void weigh(std::int32_t channel);
  void disturb(std::int32_t channel);
  void disturb_others(const Bundle& bundle, std::int32_t channel);
  void let_go(std::int32_t channel);
  void keep_to(std::int32_t channel);
  bool is_consistent(std::int32_t channel) const;
  void gather();
  void fill();
  void fix(std::int32_t channel, double rate);
  void tell(Bundle& bundle, bool all);

  std::vector<Bundle> bundles_;
  std::vector<Hop> hops_;
  std::vector<std::uint32_t> table_;  ///< hash to bundle, plus one
  std::vector<Channel> channels_;
  EndQueue<Fine> ends_;  ///< of bundles that hold flows

  std::vector<std::int32_t> near_channels_;  ///< first those that changed
  std::vector<std::int32_t> near_bundles_;
  std::vector<Share> shares_;  ///< a heap, the least on top
  std::vector<Limit> limits_;
  std::int64_t looks_left_ = 0;  ///< at bundles, until filling anew is better
  int fill_anew_ = 0;            ///< so many times more, since much changes at once
  std::uint64_t stamp_ = 1;
  bool unsettled_ = false;
  Fine changed_at_;
  RateChange callback_ = nullptr;
  void* context_ = nullptr;
};

}  // namespace sim
