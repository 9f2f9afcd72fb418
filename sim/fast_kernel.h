#pragma once

#include <vector>

#include "sim/fair_flows.h"
#include "sim/kernel.h"

namespace sim {

/// Our own kernel: a binary heap of timers, and fair flows beside it.
class FastKernel final : public Kernel {
 public:
  void reset(std::span<const double> channel_bandwidth) override;
  void timer(std::int64_t when, Activity activity) override;
  void flow(Activity activity, std::span<const std::int32_t> channels, double bytes) override;
  void run(Client& client) override;
  /// Whether clients are told of rates; costs time.
  void report_rates(bool report) { report_rates_ = report; }

 private:
  struct Timer {
    std::int64_t when = 0;
    Activity activity;
    friend auto operator<=>(const Timer&, const Timer&) = default;
  };
  void end_flows_before(std::int64_t limit);

  std::vector<Timer> timers_;  ///< a heap, the earliest on top
  FairFlows flows_;
  std::int64_t now_ = 0;
  std::vector<Activity> ended_;
  bool report_rates_ = false;
};

}  // namespace sim
