#pragma once

#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "results/run_file.h"
#include "scenarios/scenario.h"

namespace scenarios {

/// The table of runs; where there are several seeds, mean and deviation of every cell as well.
void show_runs(const std::vector<results::RunFile>& runs, std::ostream& out);

/// Best plan, yardsticks, Pareto set, where time and energy went.
void show_details(const results::RunFile& run, std::ostream& out);

/// The best way to have everything on one device, by the goal; nullptr where no device can do that.
const results::StoredPlan* best_yardstick(const results::RunFile& run);

/// Optimizers side by side, means over seeds, where the scenario sweeps `optimizer.name`; else
/// empty.
std::string comparison_text(const std::vector<results::RunFile>& runs);

/// All of it as one JSON object; `broken` are the claims that do not hold.
std::string report_json(const std::string& folder, const std::vector<results::RunFile>& runs,
                        const std::vector<std::string>& broken);

/// What claims are about, of the run that was stored.
Answer answer_of(const Run& run, const results::RunFile& stored);

/// JSON of one of the writers in results/, to be put inside another: without its line end.
std::string inner(std::string json);

}  // namespace scenarios
