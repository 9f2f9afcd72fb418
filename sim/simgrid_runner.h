#pragma once

#include <cstdint>
#include <vector>

#include "sim/comparison.h"
#include "sim/simgrid_answer.h"
#include "sim/simgrid_process.h"

namespace sim {

/// Executes jobs on SimGrid, in a process of its own. Throws as SimgridProcess does.
class SimgridRunner final : public SecondEngine {
 public:
  void run(const Job& job, Tally& tally, Observer* observer) override {
    run(job, tally, observer, false);
  }
  /// With `rates` the observer is told of the rates of flows.
  void run(const Job& job, Tally& tally, Observer* observer, bool rates);
  std::vector<KernelLog::End> replay(const KernelLog& log) override;

  /// Of the last job.
  std::int64_t events() const { return answer_.events; }
  const Stall& stall() const { return answer_.stall; }
  double seconds() const { return answer_.seconds; }  ///< CPU time it took, over there

 private:
  SimgridProcess process_;
  SimgridAnswer answer_;
};

}  // namespace sim
