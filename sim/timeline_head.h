#pragma once

#include "models/task_graph.h"
#include "models/timeline.h"

namespace sim {

/// The part of a timeline that is known before anything happens: devices, channels and tasks.
models::Timeline timeline_head(const models::TaskGraph& graph);

}  // namespace sim
