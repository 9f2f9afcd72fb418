#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sim/end_queue.h"
#include "sim/kernel.h"

namespace sim {

/// What is under way while speeds and bandwidths change, fair flows apart: how much of each
/// activity is left, at which rate it goes, and when it ends.
class PacedWork {
 public:
  /// The end of what stands still.
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  void reset(const Kernel::Setup& setup);

  // Instants in picoseconds; `now` never goes back.

  void timer(Activity activity, std::int64_t now, std::int64_t when);
  void work(Activity activity, std::int64_t now, int device, std::int64_t amount);
  void hold(Activity activity, std::int64_t now, std::span<const std::int32_t> channels,
            std::int64_t amount, double bandwidth);

  void set_speed(std::int64_t now, int device, double factor);
  void set_bandwidth(std::int64_t now, std::int32_t channel, double bandwidth);

  bool has(Activity activity) const { return find(activity) >= 0; }
  /// Ends it early; answers the share done, in [0, 1].
  double cancel(std::int64_t now, Activity activity);
  /// The earliest end, or never.
  std::int64_t next_end() const { return ends_.empty() ? never : ends_.front().when; }
  /// Takes one that ends then off, and says which it was.
  Activity end_next();

 private:
  struct Item {
    Activity activity;
    bool active = false;
    double amount = 0;     ///< picoseconds at rate 1
    double remaining = 0;  ///< of that, at `since`
    double rate = 1;
    std::int64_t since = 0;
    double bandwidth = 0;  ///< at which a hold's rate is 1
    std::int32_t device = -1;
    std::vector<std::int32_t> channels;
  };

  std::int32_t find(Activity activity) const;
  std::int32_t add(Activity activity, std::int64_t now, std::int64_t amount);
  void start(std::int32_t item, std::int64_t now, std::int64_t amount, double rate);
  void retime(std::int32_t item, std::int64_t now, double rate);
  void remove(std::int32_t item);
  double hold_rate(const Item& item) const;

  std::vector<Item> items_;
  std::vector<std::int32_t> free_;
  EndQueue<std::int64_t> ends_;
  std::vector<double> speed_, bandwidth_;  ///< [device], [channel]
  std::vector<std::vector<std::int32_t>> on_device_, on_channel_;
};

}  // namespace sim
