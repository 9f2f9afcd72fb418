#pragma once

#include <cstdint>
#include <optional>
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
  /// Of a plan whose wires are `wire`, not its own: of large problems wires are most of a plan, and
  /// few changes are about them. Nothing if that cannot be scored; then they are copied.
  virtual std::optional<models::Score> score_apart(const models::Plan& /*plan*/,
                                                   const std::vector<std::uint8_t>& /*wire*/) {
    return {};
  }
  /// Before trials of other batches, whose plans may lie where others lay.
  void begin_batch() { base_ = -1; }

 private:
  void copy_but_wire(const models::Plan& base);
  models::Score score_working(const models::Plan& base);

  int base_ = -1;          ///< whose working copy is at hand
  bool has_wire_ = false;  ///< whether the working copy has wires of its own
  models::Plan working_;
  std::vector<models::Change> undo_;
};

}  // namespace sim
