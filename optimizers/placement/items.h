#pragma once

#include <vector>

#include "models/placement/placement.h"

namespace optimizers {

/// What is placed as one, in an order in which devices can be cut off one after the other.
struct PlacementItem {
  std::vector<int> nodes;  ///< ascending
  std::int64_t size = 0;
  bool on_accelerator = true;
};

/// The nodes, makers before readers. With `groups_only` an item is a colour class; otherwise also
/// all classes that an edge of the forward graph leads out of and a path back into, so that
/// intervals of the items are contiguous. O(nodes + edges).
std::vector<PlacementItem> placement_items(const models::PlacementProblem& problem,
                                           bool groups_only);

}  // namespace optimizers
