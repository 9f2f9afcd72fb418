#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <unordered_map>
#include <vector>

#include "sim/kernel.h"

namespace sim {

/// What is under way while speeds and bandwidths change: how much of each activity is left, at
/// which rate it goes, and when it ends. Knows no queue of ends: it says which ends are new.
class PacedWork {
 public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
  /// Told of every new end, except `never`.
  using NewEnd = void (*)(void* context, std::int64_t when, Activity);

  void reset(const Kernel::Setup& setup);
  void observe(NewEnd callback, void* context) {
    callback_ = callback;
    context_ = context;
  }

  void timer(Activity activity, std::int64_t now, std::int64_t when);
  void work(Activity activity, std::int64_t now, int device, std::int64_t amount);
  void hold(Activity activity, std::int64_t now, std::span<const std::int32_t> channels,
            std::int64_t amount, double bandwidth);

  void set_speed(std::int64_t now, int device, double factor);
  void set_bandwidth(std::int64_t now, std::int32_t channel, double bandwidth);

  /// Whether it is under way and ends at `when`; ends once announced may have changed.
  bool ends_at(Activity activity, std::int64_t when) const;
  bool has(Activity activity) const { return place_.contains(activity.code); }
  /// Takes it off, and answers the share done.
  double remove(std::int64_t now, Activity activity);

 private:
  struct Item {
    Activity activity;
    double amount = 0;     ///< picoseconds at rate 1
    double remaining = 0;  ///< of that, at `since`
    double rate = 1;
    std::int64_t since = 0, end = 0;
    double bandwidth = 0;  ///< at which a hold's rate is 1
    std::int32_t device = -1;
    std::vector<std::int32_t> channels;
  };

  Item& add(Activity activity, std::int64_t now, std::int64_t amount);
  void announce(const Item& item);
  void start(Item& item, std::int64_t now, std::int64_t amount, double rate);
  void retime(Item& item, std::int64_t now, double rate);
  double hold_rate(const Item& item) const;
  std::int32_t index_of(const Item& item) const {
    return static_cast<std::int32_t>(&item - items_.data());
  }

  std::vector<Item> items_;
  std::vector<std::int32_t> free_;
  std::unordered_map<std::uint64_t, std::int32_t> place_;  ///< activity's code to item
  std::vector<double> speed_, bandwidth_;                  ///< [device], [channel]
  std::vector<std::vector<std::int32_t>> on_device_, on_channel_;
  NewEnd callback_ = nullptr;
  void* context_ = nullptr;
};

}  // namespace sim
