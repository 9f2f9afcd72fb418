#pragma once

#include <string>
#include <vector>

#include "models/outcome.h"
#include "results/run_file.h"

namespace results {

// Plain text for the terminal; every table has headers with units and ends with a line end.

/// One line per run: what was swept, the goal's metrics of the best plan, evaluations, seconds.
std::string runs_text(const std::vector<RunFile>& runs);
/// One line per plan that no other dominates, by the first objective. Empty when none.
std::string pareto_text(const RunFile& run);
/// How the front grew with effort; empty where there is none.
std::string fronts_text(const RunFile& run);
/// One line per stored plan, the best marked.
std::string plans_text(const RunFile& run);
/// How far the best plan can be from the best there is: "3.1 %", "optimal", "-" where there is
/// none.
std::string gap_text(const RunFile& run);
/// What no plan can beat, per objective, and why. Empty when no plan holds all limits.
std::string bounds_text(const RunFile& run);
/// Metrics of a score, one per line, estimated ones marked.
std::string score_text(const models::Score& score);
/// Where the time of every device went, in percent of slots x makespan.
std::string time_text(const models::Outcome& outcome);
/// Where the latency of requests went.
std::string latency_text(const models::Outcome& outcome);
/// How the requests of every network fared; empty where there is one and all went well.
std::string networks_text(const models::Outcome& outcome);
/// What waited for what when nothing could happen any more; empty when all requests completed.
std::string stall_lines(const models::Outcome& outcome);
/// Where the energy went.
std::string energy_text(const models::Outcome& outcome);
/// Memory and load of devices.
std::string memory_text(const models::Outcome& outcome);
/// Use of links.
std::string channels_text(const models::Outcome& outcome);
/// Which operators run where: one line per device with counts by precision, then powered lanes.
std::string placement_text(const models::Plan& plan, const Names& names);
/// What a co-design chose for the plan's platform, a line per path; empty where there was none.
std::string platform_text(const StoredPlan& plan);

}  // namespace results
