#pragma once

#include <filesystem>
#include <vector>

#include "models/plan.h"
#include "models/problem.h"
#include "scenarios/scenario.h"

namespace scenarios {

/// What `optimizer: {start: ...}` names: a plan file, a result file, or the output folder of an
/// earlier study; of results the best plans, and those of the front where one was searched. Empty
/// when nothing is named. Throws InputError when that is not there or holds no plans.
std::vector<StartPlan> start_plans(const Scenario& scenario);
/// Where that is.
std::filesystem::path start_path(const Scenario& scenario);

/// The same plans for this problem. Throws InputError that says where and why when one does not fit
/// it; of several, those that do not fit are left out as long as one does.
std::vector<models::Plan> fitting(const std::vector<StartPlan>& start,
                                  const models::Problem& problem);

}  // namespace scenarios
