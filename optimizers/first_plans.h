#pragma once

#include <vector>

#include "models/goal.h"
#include "optimizers/graph.h"
#include "optimizers/list_schedule.h"
#include "optimizers/optimizer.h"

namespace optimizers {

/// What list scheduling is tried with, the plainest first: energy only where the goal asks for it,
/// each precision alone and freely mixed, link widths, wire formats. Of large problems the first.
std::vector<Policy> list_policies(const models::Problem& problem, const models::Goal& goal);

/// The plans of list scheduling under those policies, then everything on one device, for every
/// device and precision (of large problems the fastest devices). Each once, the plainest first.
std::vector<models::Plan> greedy_plans(const models::Problem& problem, const models::Goal& goal,
                                       const Graph& graph);

/// The plans that the task says to start from, then the greedy ones, where these are wanted or
/// there are no others; each once, and no more than `most`, but one at least.
std::vector<models::Plan> first_plans(const Task& task, const Graph& graph, std::int64_t most);

}  // namespace optimizers
