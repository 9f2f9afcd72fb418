#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/placement/placement.h"

namespace optimizers {

/// The throughput problem as the division of a hypergraph: items (colour classes) are shared out
/// among devices, and an accelerator pays the cost of every net that it holds a part of, but not
/// all. A net is a node with its readers: whether the node is inside and a reader outside or the
/// other way round, the accelerator moves the output once. So the load of a set is its work and its
/// cut, which is submodular: minimum cuts bound it. Times are picoseconds.
struct Division {
  using Amount = std::int64_t;
  struct Item {
    Amount work = 0;      ///< on an accelerator
    Amount cpu_work = 0;  ///< on a CPU
    Amount size = 0;      ///< bytes on an accelerator
    bool on_accelerator = true, on_cpu = true;
  };
  struct Net {
    Amount cost = 0;
    std::vector<int> items;  ///< two at least, ascending
  };
  int accelerators = 0, cpus = 0;
  Amount memory = 0;
  std::vector<Item> items;
  std::vector<Net> nets;                  ///< of positive cost, no two of the same items
  std::vector<std::vector<int>> nets_of;  ///< [item] ascending

  int size() const { return static_cast<int>(items.size()); }
};

/// Items are the problem's colour classes, in their order.
Division division_of(const models::PlacementProblem& problem);

/// The same with items put together: `part_of` [item] from 0 on.
Division contracted(const Division& division, std::span<const int> part_of, int parts);

/// Placements of the problem from devices of its colour classes.
models::Placement placement_of(const models::PlacementProblem& problem,
                               std::span<const int> device_of_group);

/// The load of a set of items ([item]) on an accelerator.
Division::Amount load_of(const Division& division, const std::vector<bool>& set);

}  // namespace optimizers
