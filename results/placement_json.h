#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/placement/placement.h"

namespace results {

/// What is asked about a graph, and what is to be other than its file says.
struct PlacementOptions {
  models::PlacementProblem::Objective objective = models::PlacementProblem::Objective::throughput;
  std::optional<int> accelerators;
  std::optional<int> cpus;  ///< throughput only: for latency there are any number
  std::optional<std::int64_t> memory;
};

/// A placement problem from a file, and what in the file is no part of the problem.
struct PlacementFile {
  models::PlacementProblem problem;
  std::vector<std::string> names;  ///< [node] for people; its id where the file has none
  std::vector<std::string> notes;  ///< what was not used, in words, with its place
};

/// Reads a graph of the benchmark of Tarnawski et al. (docs/formats.md). Times in milliseconds go
/// to the nearest picosecond. Throws InputError with file:line:column, for what only the whole
/// graph shows (a circle, too little memory) that of an edge, node or number that takes part.
PlacementFile read_placement(std::string_view text, const std::string& file,
                             const PlacementOptions& options);

/// The same format, for problems made by a program: memory, devices, nodes, edges. Times keep all
/// their picoseconds.
std::string placement_json(const models::PlacementProblem& problem);

}  // namespace results
