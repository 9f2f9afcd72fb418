#pragma once

#include <memory>

#include "sim/comparison.h"
#include "sim/job.h"
#include "sim/simgrid_runner.h"

namespace sim {

/// Executes plans on both engines and compares. Throws as SimgridProcess does.
class SimgridCheck {
 public:
  explicit SimgridCheck(std::shared_ptr<const models::Problem> problem);

  static bool is_there() { return SimgridProcess::program().has_value(); }
  /// Throws EnvironmentError where it is not.
  static void need() { SimgridProcess::needed_program(); }
  /// The plan must be feasible.
  Verdict check(const models::Plan& plan);

 private:
  std::shared_ptr<const models::Problem> problem_;
  Workbench workbench_;
  SimgridRunner runner_;
  Comparison comparison_;
};

}  // namespace sim
