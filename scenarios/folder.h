#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "results/run_file.h"
#include "scenarios/scenario.h"

namespace scenarios {

/// What an output folder says about itself, in `experiment.json`.
struct FolderNote {
  std::string name;  ///< of the scenario
  std::string question;
  std::filesystem::path file;    ///< the scenario, absolute
  std::string fingerprint;       ///< Experiment::fingerprint
  std::vector<std::string> ids;  ///< of runs, in the order of the scenario
};

/// Throws InputError when the folder is missing or holds no results.
FolderNote read_note(const std::filesystem::path& folder);

/// Makes the folder this experiment's, or refuses with InputError when it holds something else.
/// Throws EnvironmentError when it cannot be written.
void claim_folder(const std::filesystem::path& folder, const Experiment& experiment);

/// The stored runs, in the order of the scenario. Throws InputError when there are none.
std::vector<results::RunFile> stored_runs(const std::filesystem::path& folder,
                                          results::Depth depth = results::Depth::summary);

/// The run that `wanted` means: its id, the start of it, or its label. Nothing wanted: the best
/// one, see best_run. Throws InputError, naming the runs there are.
const results::RunFile& choose_run(const std::vector<results::RunFile>& runs,
                                   const std::string& wanted);

/// The run whose best plan misses its limits least, then costs least, measured with the scales of
/// the first run since each has scales of its own. The first of equals.
const results::RunFile& best_run(const std::vector<results::RunFile>& runs);

/// The scenario that a result was made from, with its paths relative to `folder`.
Scenario stored_scenario(const results::RunFile& run, const std::filesystem::path& folder);

}  // namespace scenarios
