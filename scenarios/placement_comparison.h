#pragma once

#include <string>
#include <vector>

#include "results/placement_json.h"
#include "scenarios/placing.h"

namespace scenarios {

/// One graph, and what each algorithm made of it.
struct PlacementRow {
  std::string graph;
  models::PlacementProblem::Objective objective{};
  std::vector<Placing> placings;

  models::Time best() const;  ///< value of all; Time::max() if none found any
};

/// The graphs of files and folders (all *.json below them, sorted), each by each algorithm; one
/// that cannot take a graph is left out, with a line on why. Until Ctrl-C.
std::vector<PlacementRow> compare_placements(
    const std::vector<std::string>& graphs, const PlacingChoice& choice,
    const std::vector<std::string>& algorithms,
    const std::function<results::PlacementOptions(const std::string& graph)>& options,
    Progress& progress);

/// A Markdown table: per graph and algorithm value, bound, gap, effort, seconds to within 1 % of
/// the best of the graph, and whether it is proven.
std::string placement_table(const std::vector<PlacementRow>& rows);
std::string placement_table_json(const std::vector<PlacementRow>& rows);

}  // namespace scenarios
