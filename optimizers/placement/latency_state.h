#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "optimizers/placement/loads.h"

namespace optimizers {

/// When one sample ends, with sets of groups in slots (accelerators) and all else on CPUs. Slots'
/// durations are kept move by move; the longest path through the graph of slots and single nodes is
/// walked once for every standing, O(nodes + edges), without allocation.
class LatencyState {
 public:
  LatencyState(const models::PlacementProblem& problem, const PlacementNets& nets);

  void set(std::span<const int> device_of_group);
  /// Walks anew after moves; false where sets wait for each other in a circle.
  bool walk();
  /// What the last walk found: the end of the sample, and the mean of the ends of all nodes, in ps.
  std::int64_t value() const { return value_; }
  double mean_end() const { return mean_end_; }

  const Loads& loads() const { return loads_; }
  void move(int group, int to) { loads_.move(group, to); }
  void keep() { loads_.keep(); }
  void undo() { loads_.undo(); }

 private:
  int unit_of(int node) const {
    const int device = loads_.device(problem_.group_of[static_cast<std::size_t>(node)]);
    return problem_.is_accelerator(device) ? problem_.size() + device : node;
  }
  void prepare();

  const models::PlacementProblem& problem_;
  Loads loads_;
  std::vector<int> makers_;  ///< [node] how many
  /// Units are nodes and then slots.
  std::vector<int> unit_, waiting_, ready_, slot_begin_, slot_node_;
  std::vector<std::int64_t> start_;
  int units_ = 0;  ///< that have to end
  std::int64_t value_ = 0;
  double mean_end_ = 0;
};

}  // namespace optimizers
