#pragma once

#include <filesystem>
#include <vector>

#include "models/plan.h"
#include "models/problem.h"
#include "scenarios/scenario.h"

namespace scenarios {

class Platforms;

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

/// The same of a co-design: each on the platform that it names, else on the first that it fits.
std::vector<models::Plan> fitting_platforms(const std::vector<StartPlan>& start,
                                            Platforms& platforms);

}  // namespace scenarios
