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
  void score(const models::Batch& batch, std::span<models::Score> scores) override;

 protected:
  /// Of one trial. Those of one base are best asked for one after the other.
  models::Score score_trial(const models::Batch& batch, const models::Batch::Trial& trial);
  /// Before trials of other batches, whose plans may lie where others lay.
  void begin_batch() { base_ = -1; }

 private:
  int base_ = -1;  ///< whose working copy is at hand
  models::Plan working_;
  std::vector<models::Change> undo_;
};

}  // namespace sim
