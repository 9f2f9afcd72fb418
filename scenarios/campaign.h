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

/// How runs are done. None of it changes what they find.
struct Effort {
  std::size_t at_once = 1;         ///< runs
  std::size_t threads = 1;         ///< of each
  double audit = 0;                ///< share of all scored plans that SimGrid executes too
  double checkpoint_seconds = 30;  ///< between two checkpoints; 0: none
};

/// Does the runs, each in a process of its own, and stores their results in the folder; those that
/// were killed or interrupted go on from their checkpoints. Tells how it goes. Answers the gravest
/// exit code of all: 0 when each has a result.
int do_runs(const std::vector<const Run*>& runs, const std::filesystem::path& folder,
            const Effort& effort, const Console& console);

}  // namespace scenarios
