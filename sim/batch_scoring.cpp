#include "sim/batch_scoring.h"

namespace sim {

void BatchScoring::score(const models::Batch& batch, std::span<models::Score> scores) {
  begin_batch();
  for (std::size_t i = 0; i < batch.trials.size(); ++i)
    scores[i] = score_trial(batch, batch.trials[i]);
}

models::Score BatchScoring::score_trial(const models::Batch& batch,
                                        const models::Batch::Trial& trial) {
  const auto& base = *batch.bases[static_cast<std::size_t>(trial.base)];
  if (trial.first_change == trial.end_change) return score(base);
  if (trial.base != base_) {
    base_ = trial.base;
    working_ = base;
  }
  undo_.clear();
  for (int c = trial.first_change; c < trial.end_change; ++c)
    undo_.push_back(apply(working_, batch.changes[static_cast<std::size_t>(c)]));
  const auto result = score(working_);
  while (!undo_.empty()) {
    apply(working_, undo_.back());
    undo_.pop_back();
  }
  return result;
}

}  // namespace sim
