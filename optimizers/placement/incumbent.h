#pragma once

#include "optimizers/placement/bounds.h"
#include "optimizers/placement/solver.h"

namespace optimizers {

/// The best placement so far and the best bound, told as they become better.
class Incumbent {
 public:
  explicit Incumbent(const PlacementTask& task);

  /// The task's placements, what a short annealing makes of them, and the cheap bounds.
  void start();
  /// Whether it counts and is better.
  bool offer(const models::Placement& placement);
  void raise(PlacementBound bound);
  /// Nothing is better than what is known.
  void prove(std::string_view name) { raise({answer_.value, name}); }
  void count(std::int64_t effort) { answer_.effort += effort; }
  std::int64_t effort() const { return answer_.effort; }

  const PlacementAnswer& answer() const { return answer_; }
  std::string_view bound_name() const { return answer_.bound; }

 private:
  bool take(const models::Placement& placement);

  const PlacementTask& task_;
  PlacementAnswer answer_;
};

}  // namespace optimizers
