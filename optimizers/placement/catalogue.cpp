#include <string>
#include <vector>

#include "models/error.h"
#include "optimizers/placement/solvers.h"

namespace optimizers {

double PlacementAnswer::gap() const {
  return found() ? models::relative_gap(value, lower_bound) : 1;
}

std::span<const PlacementEntry> placement_catalogue() {
  static const std::vector<PlacementEntry> rows = {
      placement_greedy_entry(),    placement_annealing_entry(), placement_local_entry(),
      placement_portfolio_entry(), placement_integer_entry(),   placement_ideals_entry(),
      placement_barriers_entry(),
  };
  return rows;
}

const PlacementEntry& find_placement(std::string_view name) {
  std::string names;
  for (const auto& row : placement_catalogue()) {
    if (row.name == name) return row;
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  }
  throw models::InputError("there is no placement algorithm '" + std::string(name) +
                           "'; there are " + names);
}

}  // namespace optimizers
