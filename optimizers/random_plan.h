#pragma once

#include "models/random.h"
#include "optimizers/graph.h"

namespace optimizers {

/// Draws valid plans: a random topological order, cut into a random number of stretches that prefer
/// one device and precision each (from everything alike to every operator for itself), random wire
/// formats and lanes. Every plan of the problem can come up.
class RandomPlans {
 public:
  RandomPlans(const models::Problem& problem, const Graph& graph)
      : problem_(problem), graph_(graph) {}

  void draw(models::Random& random, models::Plan& plan);

 private:
  void draw_order(models::Random& random, models::Plan& plan);
  void draw_options(models::Random& random, models::Plan& plan);
  void draw_wires(models::Random& random, models::Plan& plan);

  const models::Problem& problem_;
  const Graph& graph_;
  std::vector<std::int32_t> missing_;  ///< [operator] makers not placed yet
  std::vector<std::int32_t> ready_;
};

}  // namespace optimizers
