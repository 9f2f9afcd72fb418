#pragma once

#include "sim/kernel.h"

namespace sim {

/// Has the kernel that jobs are executed on by another process.
class KernelHost {
 public:
  virtual ~KernelHost() = default;
  /// A kernel for so many devices and channels, `exact` if rates are shared or change; nullptr
  /// where a new process is needed for that.
  virtual Kernel* room_for(int devices, int channels, bool exact) = 0;
  virtual void report_rates(bool report) = 0;
};

/// Answers questions as SimgridProcess asks them, until there are no more, or nobody listens.
void serve(int in, int out, KernelHost& host);

}  // namespace sim
