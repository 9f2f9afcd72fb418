#pragma once

#include <functional>

#include "models/placement/placement.h"

namespace optimizers {

/// What no latency can beat where accelerators cannot hold everything: the longest path with the
/// fastest nodes that all accelerators together have the memory for, shares of colour classes
/// counting. Traffic along paths that is worth most to speed up is found by playing best answers
/// against each other (Brown 1951); any traffic gives a bound. Zero if there are no nodes. `stop`
/// ends the play.
models::Time memory_bound_of_paths(
    const models::PlacementProblem& problem,
    const std::function<bool()>& stop = [] { return false; });

/// The same for single chains, whole classes and what slots cost: the chain is cut into pieces on
/// CPUs and in slots, of no more memory than one accelerator has and no more of them than there
/// are; a slot takes the work of all that lies between its ends, and moves what comes in and goes
/// out. The best of a few heavy chains, until `stop`; zero for graphs that are too large.
models::Time slots_along_chains(
    const models::PlacementProblem& problem,
    const std::function<bool()>& stop = [] { return false; });

/// The same where many nodes are barriers, before or after every other, as in networks of one
/// block after the other: dynamic programming over what the slots that have a barrier take of the
/// blocks before and after it. Between these, of each block only the longest chain counts. Exact
/// where blocks are chains and nodes have no classes in common; zero where blocks are too wide, or
/// after a tenth of a second's steps.
models::Time slots_between_barriers(
    const models::PlacementProblem& problem,
    const std::function<bool()>& stop = [] { return false; });

}  // namespace optimizers
