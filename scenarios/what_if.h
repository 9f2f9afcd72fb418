#pragma once

#include <string>
#include <vector>

#include "models/outcome.h"
#include "models/plan.h"
#include "scenarios/scenario.h"

namespace scenarios {

/// What one step more of something would make of a plan: the plan stays as it is, but for that
/// step.
struct WhatIf {
  std::string step;        ///< "link d2d: 16 lanes instead of 8"
  bool beyond = false;     ///< the step is not among the plan's choices: other hardware is needed
  std::string infeasible;  ///< why it cannot be done; `score` says nothing then
  models::Score score;
};

/// One step more of each thing the plan uses: a lane (the next width) of every link that carries
/// something, every device that computes 10 % faster (rates and memory bandwidth), the next coarser
/// precision on every device, and one more request's memory on every device that limits admission.
/// Every step is simulated. In the order links, devices, precisions, memory.
std::vector<WhatIf> one_step_more(const Parts& parts, const models::Plan& plan,
                                  const models::Outcome& outcome);

}  // namespace scenarios
