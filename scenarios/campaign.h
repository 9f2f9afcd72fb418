#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <vector>

#include "results/run_file.h"
#include "scenarios/console.h"
#include "scenarios/scenario.h"

namespace scenarios {

/// The stored result of a run; nullopt where it has to be run (again): there is none, it is damaged
/// (which is told), or the user interrupted it.
std::optional<results::RunFile> stored_result(const Run& run, const std::filesystem::path& folder,
                                              const Console& console);

/// Does the runs, each in a process of its own, at most `at_once`, and stores their results in the
/// folder. SimGrid executes the share `audit` of all scored plans too. What one run does cannot
/// touch another, so results do not depend on `at_once`. Tells how it goes. Answers the gravest
/// exit code of all: 0 when each has a result.
int do_runs(const std::vector<const Run*>& runs, const std::filesystem::path& folder,
            std::size_t at_once, double audit, const Console& console);

}  // namespace scenarios
