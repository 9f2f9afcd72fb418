#pragma once

#include "models/timeline.h"
#include "sim/job.h"

namespace sim {

/// The part of a timeline that is known before anything happens: networks, devices, channels and
/// tasks, for the plan that the bench is prepared for.
models::Timeline timeline_head(const Workbench& bench);

}  // namespace sim
