#pragma once

#include <vector>

#include "optimizers/graph.h"

namespace optimizers {

/// Plans whose devices' parts of the graph are by METIS, sized by speed: on all devices, on the
/// faster half of them, and so on down to two; each as it is and made acyclic, so that requests
/// pass every device once. Operators in the fastest precision of their device.
std::vector<models::Plan> partition_plans(const models::Problem& problem, const Graph& graph);

}  // namespace optimizers
