#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "models/executor.h"
#include "models/goal.h"
#include "optimizers/archive.h"
#include "results/run_file.h"
#include "scenarios/audit.h"
#include "scenarios/scenario.h"

namespace scenarios {

/// How a search stands.
struct Standing {
  std::int64_t evaluations = 0;
  const models::Score* best = nullptr;
};

/// What somebody who waits for a search can do.
struct Watch {
  std::function<bool()> stop = [] { return false; };  ///< asked after every batch
  std::function<void(const Standing&)> progress = [](const Standing&) {};
};

/// What a search came to.
struct Search {
  std::vector<results::TracePoint> trace;  ///< one point per improvement of the best plan
  double seconds = 0;                      ///< wall clock
  bool interrupted = false;                ///< stopped, or out of time
};

/// Searches until the optimizer has nothing more to ask, the time limit of the scenario is over or
/// the watcher says stop; at least one batch is scored. What is found is in `archive`.
Search search(const Run& run, const Parts& parts, models::Evaluator& evaluator,
              optimizers::Archive& archive, const Watch& watch);

/// Sets the goal's scales, so that weights compare like with like: to the values of the problem's
/// first plan. Metrics that are 0 there, such as transferred bytes, are scaled by their mean over
/// 64 random plans instead. Depends on the problem only, not on the seed.
void set_scales(models::Goal& goal, const std::shared_ptr<const models::Problem>& problem);

/// One run from its beginning to what is stored of it: search, then the best plans simulated in
/// full, on SimGrid too where that is there. Where the engines disagree, `complain` is told. Throws
/// InputError for what is wrong with the scenario, std::logic_error where score and simulation
/// disagree.
results::RunFile solve(const Run& run, const Watch& watch, const Oversight& oversight = {},
                       const std::function<void(const std::string&)>& complain = {});

}  // namespace scenarios
