#pragma once

#include <vector>

#include "models/totals.h"
#include "sim/job.h"
#include "sim/tally.h"

namespace sim {

/// What a request adds up to on average over several networks and batches of several sizes. Of one
/// network without batches: its totals as they are.
class CombinedTotals {
 public:
  /// Valid until the next call.
  const models::Totals& of(const Workbench& bench, const Tally& tally);

 private:
  void add(const models::Totals& totals, double times);
  void judge_memory(const Workbench& bench);

  models::Totals totals_;
  std::vector<double> work_;  ///< [device, then channel] picoseconds of all requests
  double transferred_ = 0;
};

}  // namespace sim
