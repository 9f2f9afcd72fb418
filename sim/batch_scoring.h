#pragma once

#include <span>
#include <vector>

#include "models/executor.h"

namespace sim {

/// Scores the trials of a batch on one working copy of each base plan: changes are made, scored and
/// undone, so a trial copies nothing.
class BatchScoring : public models::Evaluator {
 public:
  using models::Evaluator::score;
  void score(const models::Batch& batch, std::span<models::Score> scores) final;

 private:
  models::Plan working_;
  std::vector<models::Change> undo_;
};

}  // namespace sim
