#pragma once

#include <span>
#include <vector>

#include "models/plan.h"

namespace optimizers {

/// Adds a plan to a batch as it is; it must stay where it is until the batch is scored.
inline void ask_for(const models::Plan& plan, models::Batch& batch) {
  batch.trials.push_back({static_cast<int>(batch.bases.size()), 0, 0});
  batch.bases.push_back(&plan);
}

inline void ask_for(std::span<const models::Plan> plans, models::Batch& batch) {
  for (const auto& plan : plans) ask_for(plan, batch);
}

}  // namespace optimizers
