#pragma once

#include <vector>

#include "results/run_file.h"

namespace results {

/// Says of every plan of the Pareto set in which way it is the best: "least energy", "knee", "the
/// only one without 'gpu'", or what no other gives at so much of something else: "least
/// latency_mean at energy up to 12 mJ". All of it is about the plans that are stored.
void give_reasons(std::vector<StoredPlan>& plans, const models::Goal& goal, const Names& names);

}  // namespace results
