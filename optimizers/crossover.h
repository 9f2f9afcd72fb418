#pragma once

#include <cstdint>
#include <vector>

#include "models/random.h"
#include "optimizers/graph.h"

namespace optimizers {

/// Makes a plan from two, keeping together what the graph holds together: either what the first
/// parent does before some position and the second after it, or a connected block of the second in
/// the first. Orders stay topological; a tensor's wire formats come with its maker.
class Crossover {
 public:
  Crossover(const models::Problem& problem, const Graph& graph);

  void cross(const models::Plan& a, const models::Plan& b, models::Random& random,
             models::Plan& child);

 private:
  void mark_suffix(const models::Plan& a, models::Random& random);
  void mark_block(models::Random& random);
  void merge_order(const models::Plan& a, const models::Plan& b, models::Plan& child) const;
  void take_marked(const models::Plan& b, models::Plan& child) const;

  const models::Problem& problem_;
  const Graph& graph_;
  std::vector<std::uint8_t> marked_;  ///< [operator] comes from the second parent
  std::vector<std::int32_t> block_;
};

}  // namespace optimizers
