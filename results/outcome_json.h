#pragma once

#include <string>

#include "models/outcome.h"
#include "models/score.h"
#include "results/run_file.h"

namespace results {

/// How a plan turned out: metrics, where time, latency and energy went, devices, channels, critical
/// path, fingerprint. Without the timeline.
std::string outcome_json(const models::Outcome& outcome, const Names& names);

/// A whole run, for `show --json`: scenario, swept values, search, plans with metrics and outcome.
std::string run_json(const RunFile& run);

}  // namespace results
