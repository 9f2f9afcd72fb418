#include "sim/batch_scoring.h"

#include <algorithm>

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
    copy_but_wire(base);
  }
  const auto changes =
      std::span(batch.changes)
          .subspan(static_cast<std::size_t>(trial.first_change),
                   static_cast<std::size_t>(trial.end_change - trial.first_change));
  if (!has_wire_ && std::ranges::any_of(changes, [](const models::Change& change) {
        return change.what == models::Change::What::wire;
      })) {
    working_.wire = base.wire;
    has_wire_ = true;
  }
  undo_.clear();
  for (const auto& change : changes) undo_.push_back(apply(working_, change));
  const auto result = score_working(base);
  while (!undo_.empty()) {
    apply(working_, undo_.back());
    undo_.pop_back();
  }
  return result;
}

void BatchScoring::copy_but_wire(const models::Plan& base) {
  working_.device = base.device;
  working_.precision = base.precision;
  working_.order = base.order;
  working_.lanes = base.lanes;
  working_.discipline = base.discipline;
  has_wire_ = false;
}

models::Score BatchScoring::score_working(const models::Plan& base) {
  if (has_wire_) return score(working_);
  if (const auto result = score_apart(working_, base.wire)) return *result;
  working_.wire = base.wire;
  has_wire_ = true;
  return score(working_);
}

}  // namespace sim
