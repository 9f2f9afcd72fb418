#pragma once

#include <vector>

#include "sim/agreement.h"
#include "sim/control.h"
#include "sim/fast_kernel.h"
#include "sim/job.h"
#include "sim/kernel_log.h"
#include "sim/tally.h"

namespace sim {

/// Another way to execute a job: our control layer on somebody else's kernel.
class SecondEngine {
 public:
  virtual ~SecondEngine() = default;
  virtual void run(const Job& job, Tally& tally, Observer* observer) = 0;
  /// Asks that kernel the same at the same instants; answers when what ended.
  virtual std::vector<KernelLog::End> replay(const KernelLog& log) = 0;
};

/// What came of executing one job on both.
struct Verdict {
  Agreement agreement;  ///< of every instant; of huge jobs, of the requests' latencies
  /// They part, but agree once the second engine is made to take the decisions of the first:
  /// rounding broke a tie in two ways.
  bool near_tie = false;
  Agreement forced;             ///< where they part: with the same decisions
  std::int64_t losses = 0;      ///< how often failures undid something
  std::int64_t unfinished = 0;  ///< requests
  bool holds() const { return agreement.holds() || near_tie; }
  /// The largest relative difference of an instant.
  double difference() const { return near_tie ? forced.worst_relative : agreement.worst_relative; }
};

/// Executes jobs on the fast kernel and on a second one, and compares.
class Comparison {
 public:
  /// Beyond so many executed tasks only latencies are compared, and ties are not looked for.
  static constexpr std::int64_t most_tasks = 4'000'000;

  explicit Comparison(SecondEngine& second) : second_(second) {}
  Verdict compare(const Job& job);

 private:
  Agreement with_our_decisions(const Job& job);
  Agreement latencies() const;

  SecondEngine& second_;
  FastKernel kernel_;
  Control control_;
  Tally ours_, theirs_;
  Course our_course_, their_course_;
};

}  // namespace sim
