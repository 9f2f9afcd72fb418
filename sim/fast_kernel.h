#pragma once

#include <vector>

#include "sim/activity_queue.h"
#include "sim/fair_flows.h"
#include "sim/kernel.h"
#include "sim/paced_work.h"

namespace sim {

/// Our own kernel: a queue of ends, fair flows beside it, and, only where something may change
/// during the run, the pace of all that is under way.
class FastKernel final : public Kernel {
 public:
  void reset(const Setup& setup) override;
  void timer(std::int64_t when, Activity activity) override;
  void work(Activity activity, int device, std::int64_t amount) override;
  void hold(Activity activity, std::span<const std::int32_t> channels, std::int64_t amount,
            double bandwidth) override;
  void flow(Activity activity, std::span<const std::int32_t> channels, double bytes) override;
  void set_speed(int device, double factor) override;
  void set_bandwidth(std::int32_t channel, double bandwidth) override;
  double cancel(Activity activity) override;
  void run(Client& client) override;
  /// Whether clients are told of rates; costs time.
  void report_rates(bool report) { report_rates_ = report; }

 private:
  void take_flows();
  void take_ends();
  bool next_instant();

  ActivityQueue ends_;  ///< of all but flows; unused with changes
  FairFlows flows_;
  PacedWork paced_;  ///< in its place, with changes
  bool changes_ = false;
  std::int64_t now_ = 0;
  std::vector<Activity> ended_;
  bool report_rates_ = false;
};

}  // namespace sim
