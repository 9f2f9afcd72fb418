#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/plan.h"
#include "models/random.h"
#include "optimizers/graph.h"
#include "optimizers/state.h"
#include "optimizers/weighted_edges.h"

namespace optimizers {

/// Operators of one device that belong together, at several levels: the first level has each
/// operator alone, every further one about half as many clusters, each of one or two of the level
/// before. Made by matching along the heaviest edges (Karypis & Kumar 1998).
class Clusters {
 public:
  /// Coarsens until at most `fewest` clusters are left or nothing more can be joined. Costs
  /// O((operators + edges) log) per level.
  void coarsen(const models::Problem& problem, const Graph& graph, const models::Plan& plan,
               int fewest, models::Random& random);

  int levels() const { return static_cast<int>(levels_.size()); }
  int count(int level) const { return static_cast<int>(at(levels_, level).begin.size()) - 1; }
  std::span<const std::int32_t> members(int level, int cluster) const {
    const auto& l = at(levels_, level);
    return std::span(l.member).subspan(
        static_cast<std::size_t>(at(l.begin, cluster)),
        static_cast<std::size_t>(at(l.begin, cluster + 1) - at(l.begin, cluster)));
  }

  void keep(State& state) { state(levels_); }

 private:
  struct Level {
    std::vector<std::int32_t> begin, member;  ///< [cluster + 1], operators
    void keep(State& state) { state(begin, member); }
  };
  std::vector<std::int32_t> match(int count, models::Random& random);
  void add_level(std::span<const std::int32_t> joined, int count);

  std::vector<Level> levels_;
  std::vector<WeightedEdge>
      edges_;  ///< between the clusters of the last level, each from both ends
};

}  // namespace optimizers
