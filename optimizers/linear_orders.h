#pragma once

#include <cstdint>
#include <vector>

#include "models/random.h"
#include "optimizers/graph.h"

namespace optimizers {

/// Some topological orders that are good to cut into contiguous segments, each once: the network's
/// own; every operator right after what it needs, for one output after the other; depth first from
/// the inputs, which finishes a branch before it starts the next; the same with branches the other
/// way round; depth first from the outputs; and some that follow outputs and branches in random
/// order.
std::vector<std::vector<std::int32_t>> linear_orders(const models::Problem& problem,
                                                     const Graph& graph, int random_ones,
                                                     std::uint64_t seed);

}  // namespace optimizers
