#pragma once

#include <cstdint>
#include <span>

#include "sim/activity.h"

namespace sim {

/// The clock under the control layer: it knows how long things take, not what they mean. Two
/// implementations must agree, ours and an independent one.
class Kernel {
 public:
  /// Who is told what has ended. From within instant() it starts new activities.
  class Client {
   public:
    virtual ~Client() = default;
    /// All activities that ended at `now` (picoseconds), in ascending order. Called again for the
    /// same instant if what it started takes no time.
    virtual void instant(std::int64_t now, std::span<const Activity> ended) = 0;
    /// A flow's rate changed, in bytes per second, at whole picoseconds plus a part in [0, 1).
    virtual void rate_changed(Activity flow, std::int64_t when, double fraction, double rate) = 0;
  };

  /// What a run happens on.
  struct Setup {
    int devices = 0;
    std::span<const double> channel_bandwidth;  ///< bytes per second as planned; copied
    /// Whether speeds or bandwidths may change, or activities be cancelled. Without, works and
    /// holds are timers and cost no more.
    bool changes = false;
  };

  virtual ~Kernel() = default;
  /// Back to time 0, nothing under way, every device at speed 1.
  virtual void reset(const Setup& setup) = 0;

  // Everything below is called from inside Client::instant(), or before run() at time 0. An
  // activity is under way at most once. Amounts are picoseconds.

  /// Ends at `when`, which is not in the past, whatever changes.
  virtual void timer(std::int64_t when, Activity activity) = 0;
  /// Takes `amount` at speed 1, and goes at the device's speed.
  virtual void work(Activity activity, int device, std::int64_t amount) = 0;
  /// A transfer that has its route to itself: takes `amount` at `bandwidth` (bytes per second), and
  /// goes at the narrowest bandwidth of its channels.
  virtual void hold(Activity activity, std::span<const std::int32_t> channels, std::int64_t amount,
                    double bandwidth) = 0;
  /// Sends `bytes` from now on at its max-min fair share of every channel of the route.
  virtual void flow(Activity activity, std::span<const std::int32_t> channels, double bytes) = 0;

  // Only if Setup::changes. What is under way goes on at the new rate at once; at rate 0 it stands
  // still. Ends are rounded up to whole picoseconds.

  /// `factor` of the speed that amounts are given for; at least 0.
  virtual void set_speed(int device, double factor) = 0;
  /// Bytes per second; at least 0.
  virtual void set_bandwidth(std::int32_t channel, double bandwidth) = 0;
  /// Stops something under way, of which nothing more is heard. Answers the share done, in [0, 1].
  virtual double cancel(Activity activity) = 0;

  /// Until nothing is under way, or all that is stands still.
  virtual void run(Client& client) = 0;
};

}  // namespace sim
