#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "models/units.h"
#include "scenarios/section.h"
#include "scenarios/value.h"

namespace scenarios {

/// Reads arrival instants from a CSV text: one per line, each with its unit ("1.5 ms"), or plain
/// numbers after a first line that names the unit ("arrival [ms]"). `file` is for messages. Throws
/// InputError with file:line:column.
std::vector<models::Time> parse_trace(std::string_view text, const std::string& file);

/// Puts the instants in the place of every `trace: arrivals.csv` of the scenario's workloads, and
/// their number in the place of `requests` that are not given. Paths are relative to the file they
/// stand in, or to `folder`.
void read_traces(Value& scenario, const std::filesystem::path& folder, Faults& faults);

}  // namespace scenarios
