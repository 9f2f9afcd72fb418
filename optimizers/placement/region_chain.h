#pragma once

#include <cstdint>
#include <vector>

#include "models/placement/placement.h"
#include "optimizers/placement/reach.h"

namespace optimizers {

/// How soon a part of a graph can have ended, by its longest chain on CPUs: cut into pieces on CPUs
/// and in slots. A slot that has two nodes of the chain has all that lies between them.
class RegionChain {
 public:
  using Amount = std::int64_t;
  static constexpr Amount never = INT64_MAX / 4;
  /// Slots that are told apart; the last stands for any number more.
  static constexpr std::size_t most_slots = 3;

  /// `allowed` [group] on accelerators. All outlive it.
  RegionChain(const models::PlacementProblem& problem, const Reach& reach,
              const std::vector<bool>& allowed)
      : problem_(problem), reach_(reach), allowed_(allowed) {}

  /// [slots used] the least time, `never` if there is none; of nodes that hold whatever lies
  /// between two of them, makers before readers. Nothing if that takes more steps than these.
  std::vector<Amount> least_times(const std::vector<int>& region, std::int64_t most_steps);
  /// Nodes looked at, by the last least_times(): up to the chain squared times the region.
  std::int64_t steps() const { return steps_; }
  /// After that, of the way with so many: the nodes of each slot. The others are on CPUs.
  std::vector<std::vector<int>> slots(std::size_t used) const;

 private:
  const models::PlacementProblem::Node& node(int n) const {
    return problem_.nodes[static_cast<std::size_t>(n)];
  }
  void find_chain();
  bool reads(int n, int maker) const;
  bool is_between(int n, int first, int last) const;
  bool in_region(int n) const;
  Amount time_of_piece(std::size_t from, std::size_t to) const;

  const models::PlacementProblem& problem_;
  const Reach& reach_;
  const std::vector<bool>& allowed_;
  std::vector<int> region_, chain_;
  mutable std::int64_t steps_ = 0;
  std::vector<std::vector<Amount>> end_;  ///< [slots used][nodes of the chain done]
};

}  // namespace optimizers
