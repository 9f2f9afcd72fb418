#pragma once

#include <vector>

#include "models/goal.h"
#include "optimizers/graph.h"
#include "optimizers/optimizer.h"

namespace optimizers {

/// The plans of list scheduling under a few preferences (energy only where the goal asks for it,
/// each precision alone and freely mixed, link widths, wire formats), then everything on one
/// device, for every device and precision. Each once, the plainest first.
std::vector<models::Plan> greedy_plans(const models::Problem& problem, const models::Goal& goal,
                                       const Graph& graph);

/// The plans that the task says to start from, then the greedy ones; each once.
std::vector<models::Plan> first_plans(const Task& task, const Graph& graph);

}  // namespace optimizers
