#pragma once

#include <span>

#include "models/outcome.h"
#include "models/plan.h"
#include "models/score.h"

namespace models {

/// Whatever can execute a plan. The simulator is one; the hardware backend will be another, and
/// comparing the two is how a model is validated.
class Executor {
 public:
  virtual ~Executor() = default;
  virtual Outcome execute(const Plan& plan) = 0;
};

/// Scores plans, as fast as it can: the innermost loop of every search. After warming up it
/// allocates nothing. Not thread-safe: make one per thread.
class Evaluator {
 public:
  virtual ~Evaluator() = default;
  virtual Score score(const Plan& plan) = 0;
  /// One score per trial of the batch, in order. A plan that is not feasible gets what could be
  /// found out about it, see Score::feasible.
  virtual void score(const Batch& batch, std::span<Score> scores) = 0;
};

}  // namespace models
