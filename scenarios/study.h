#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "models/goal.h"
#include "results/run_file.h"
#include "scenarios/audit.h"
#include "scenarios/checkpoint.h"
#include "scenarios/scenario.h"
#include "scenarios/search.h"

namespace scenarios {

/// What a run is done with. None of it changes what is found.
struct Means {
  Oversight oversight = {};
  Checkpoint checkpoint = {};
  std::size_t threads = 1;  ///< that score plans
  std::function<void(const std::string&)> complain = [](const std::string&) {};
  std::function<void(const std::string&)> say = [](const std::string&) {};
};

/// Sets the goal's scales, so that weights compare like with like: to the values of the problem's
/// first plan. Metrics that are 0 there, such as transferred bytes, are scaled by their mean over
/// 64 random plans instead. Depends on the problem only, not on the seed.
void set_scales(models::Goal& goal, const std::shared_ptr<const models::Problem>& problem);

/// One run to what is stored of it: search, from its checkpoint if there is one, then the best
/// plans simulated in full, on SimGrid too where that is there. Where the engines disagree, it
/// complains. Throws InputError for what is wrong with the scenario, std::logic_error where score
/// and simulation disagree.
results::RunFile solve(const Run& run, const Watch& watch, Means means = {});

}  // namespace scenarios
