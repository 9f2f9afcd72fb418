#pragma once

#include <string>

#include "models/outcome.h"
#include "models/plan.h"
#include "sim/job.h"
#include "sim/tally.h"

namespace sim {

/// Why the plan that the bench is prepared for cannot be executed at all; empty if it can.
std::string infeasibility(const Workbench& bench, const models::Totals& combined,
                          const models::Plan& plan);

/// Score, latencies, energies, devices and channels: all that an execution's tally tells, whichever
/// kernel it ran on.
void fill(models::Outcome& outcome, const Workbench& bench, const models::Totals& combined,
          const models::Plan& plan, Tally& tally);

}  // namespace sim
