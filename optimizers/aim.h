#pragma once

#include <vector>

#include "models/random.h"
#include "optimizers/archive.h"

namespace optimizers {

/// One number to make small: the goal's cost, or a weighting of its objectives that leads to one
/// place of the Pareto front.
class Aim {
 public:
  explicit Aim(const models::Goal& goal) : goal_(goal), values_(goal.objectives.size()) {}

  /// Sets weighting number `index`: first each objective (nearly) alone, then mixtures, evenly
  /// spread for two objectives and random for more. Values are measured within the extent of the
  /// front.
  void weigh(const Archive& archive, int index, models::Random& random);
  bool weighted() const { return !weight_.empty(); }

  /// The goal's cost; if weighted, the augmented Chebyshev distance from the best of every
  /// objective (Steuer & Choo 1983), which also reaches the hollow parts of a front.
  double value(const models::Score& score);

  void keep(State& state) { state(weight_, lowest_, extent_); }

 private:
  const models::Goal& goal_;
  std::vector<double> weight_, lowest_, extent_;  ///< [objective]
  std::vector<double> values_;
};

}  // namespace optimizers
