#pragma once

#include <cstdint>
#include <vector>

#include "optimizers/graph.h"

namespace optimizers {

/// A block of operators that comes several times in a row in the network's order, alike in type,
/// cost, size and how its operators read each other: a transformer's layers, a ResNet's stages.
struct Repeat {
  std::int32_t first = 0;   ///< operator
  std::int32_t length = 0;  ///< operators of one block
  std::int32_t count = 0;   ///< blocks, at least 2

  std::int32_t end() const { return first + length * count; }
};

/// The repeats that spare most when each is looked at once, disjoint, by first operator. Where
/// blocks hold smaller repeats, the larger ones win that spare more. Costs about O(operators).
std::vector<Repeat> find_repeats(const models::Problem& problem, const Graph& graph);

/// Operators that nothing but repeating tells apart: what is left to be solved.
std::int32_t distinct_operators(const models::Problem& problem, const std::vector<Repeat>& repeats);

}  // namespace optimizers
