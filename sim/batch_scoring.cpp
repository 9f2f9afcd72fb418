#include "sim/batch_scoring.h"

namespace sim {

void BatchScoring::score(const models::Batch& batch, std::span<models::Score> scores) {
  int base = -1;
  for (std::size_t i = 0; i < batch.trials.size(); ++i) {
    const auto& trial = batch.trials[i];
    if (trial.first_change == trial.end_change) {
      scores[i] = score(*batch.bases[static_cast<std::size_t>(trial.base)]);
      continue;
    }
    if (trial.base != base) {
      base = trial.base;
      working_ = *batch.bases[static_cast<std::size_t>(base)];
    }
    undo_.clear();
    for (int c = trial.first_change; c < trial.end_change; ++c)
      undo_.push_back(apply(working_, batch.changes[static_cast<std::size_t>(c)]));
    scores[i] = score(working_);
    while (!undo_.empty()) {
      apply(working_, undo_.back());
      undo_.pop_back();
    }
  }
}

}  // namespace sim
