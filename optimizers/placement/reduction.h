#pragma once

#include <functional>
#include <limits>
#include <vector>

#include "optimizers/placement/division.h"

namespace optimizers {

/// What is left to decide where only placements with loads of at most `limit` are of interest.
struct Reduction {
  Division division;         ///< of parts; `on_accelerator` and `on_cpu` say what the limit leaves
  std::vector<int> part_of;  ///< [item of the whole] part
  std::int64_t cuts = 0;     ///< minimum cuts it took
  bool impossible = false;   ///< there is no such placement: the limit is below the optimum
};

struct ReductionTask {
  Division::Amount limit = 0;
  /// Items may also be put together because somebody could move one to the other and lose nothing:
  /// all items, or only these ([item]; where sets have to be contiguous, those of the backward pass
  /// alone).
  bool may_move = true;
  std::vector<bool> movable = {};
  std::function<bool()> stop = [] { return false; };  ///< true: be content with what is known
  std::function<bool()> halt = [] { return false; };  ///< the same, asked within steps
  /// Minimum cuts after which it is content.
  std::int64_t most_cuts = std::numeric_limits<std::int64_t>::max();
};

/// Puts items together that no placement within the limit has on two devices, and such that some
/// placement within the limit has on one if there is any at all. What proves it are minimum cuts:
/// a set with one item and without the other costs too much for its device, or the cuts cost more
/// than all accelerators together have left after their work.
Reduction reduced(const Division& division, const ReductionTask& task);

/// The most work (of accelerators) that CPUs can take away within the limit each; fractions count.
double work_on_cpus(const Division& division, Division::Amount limit);

}  // namespace optimizers
