#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/executor.h"
#include "optimizers/archive.h"
#include "optimizers/bounds/bounds.h"
#include "results/run_file.h"
#include "scenarios/audit.h"
#include "scenarios/scenario.h"

namespace scenarios {

/// What is known of a run before its search: who, what, with which program.
results::RunFile about(const Run& run, const Parts& parts);

/// The best plan first, then the other members of the front, the least cost first.
std::vector<results::StoredPlan> plans_worth_keeping(const optimizers::Archive& archive,
                                                     const std::string& optimizer);

/// Adds what the best plan is to be held against: for every device that can do the whole network,
/// all operators there, in the one precision (or the fastest, operator by operator) that the goal
/// likes best. Sets which plan is the best, who is in the Pareto set, and the complaint.
void add_yardsticks(results::RunFile& record, const Parts& parts, models::Evaluator& evaluator);

/// Adds what no plan can beat, which are the `known` bounds if there are some. With `exhausted` the
/// best plan is the best there is; `searched` is a bound on the cost that the search itself has
/// found. Where limits are missed and no plan can hold them, the complaint says so.
void add_bounds(results::RunFile& record, const Parts& parts,
                const std::optional<optimizers::Bounds>& known, bool exhausted, double searched);

/// Simulates the best plans of the search and the yardsticks in full, each against its score. The
/// timeline of the best is kept if the scenario says so. Where SimGrid is there, it executes them
/// too, and the difference is kept. Throws std::logic_error where score and simulation disagree.
void simulate_finalists(results::RunFile& record, const Parts& parts, const Scenario& scenario,
                        Auditor& auditor);

/// Which values of a score and a simulation of one plan differ, in words; empty when none does.
/// Times are whole and must be equal; doubles may differ by the order in which they were summed up.
std::string disagreement(const models::Score& scored, const models::Score& simulated);

}  // namespace scenarios
