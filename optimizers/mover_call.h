#pragma once

#include <algorithm>

#include "optimizers/moves.h"

namespace optimizers {

/// One call of draw().
struct Mover::Call {
  static constexpr int tries = 12;  ///< draws before a kind gives up on a plan
  static constexpr double mostly = 0.75;
  static constexpr int keep = -1;  ///< no wish for a precision: as it is, where the device can

  const models::Plan& plan;
  std::span<const std::int32_t> position;
  models::Resource bottleneck;
  models::Random& random;
  std::vector<models::Change>& changes;

  std::int64_t below(std::size_t count) { return random.below(static_cast<std::int64_t>(count)); }
  /// 1, 2, 3 ... up to `most`, halving in probability with every doubling.
  std::int64_t size(std::int64_t most) {
    std::int64_t reach = 1;
    while (reach < most && random.chance(0.6)) reach *= 2;
    return 1 + random.below(std::min(reach, most));
  }
  void add(models::Change::What what, std::int64_t index, std::int64_t value) {
    changes.push_back({what, static_cast<std::int32_t>(index), static_cast<std::int32_t>(value)});
  }
};

}  // namespace optimizers
