#pragma once

#include <cstdint>
#include <memory>

#include "models/plan.h"
#include "models/platform/link.h"
#include "models/problem.h"

namespace scenarios {

/// A problem that speeds are measured on: a network like a ResNet on devices behind one switch.
struct SpeedCase {
  int operators = 150;
  int devices = 4;
  std::int64_t requests = 1;  ///< all at once
  models::Link::Sharing sharing = models::Link::Sharing::fifo;
  /// Also precisions, conversions, wire precisions and link widths, not placement only.
  bool everything = false;
  friend bool operator==(const SpeedCase&, const SpeedCase&) = default;
};

std::shared_ptr<const models::Problem> speed_problem(const SpeedCase& of);

/// Plans as a search would try them: a base whose stretches of operators lie on random devices, and
/// trials that differ from it in one operator's device; in a problem with everything also in its
/// precision, a wire precision and a link's width.
class SpeedTrials {
 public:
  SpeedTrials(const models::Problem& problem, bool everything, int count = 256);
  SpeedTrials(SpeedTrials&&) = delete;

  const models::Plan& base() const { return base_; }
  const models::Batch& batch() const { return batch_; }

 private:
  models::Plan base_;
  models::Batch batch_;
};

}  // namespace scenarios
