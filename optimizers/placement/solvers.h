#pragma once

#include "optimizers/placement/solver.h"

namespace optimizers {

/// The catalogue's rows, each defined in the solver's own file.
PlacementEntry placement_greedy_entry();
PlacementEntry placement_annealing_entry();
PlacementEntry placement_local_entry();
PlacementEntry placement_portfolio_entry();
PlacementEntry placement_integer_entry();
PlacementEntry placement_ideals_entry();
PlacementEntry placement_barriers_entry();

}  // namespace optimizers
