#pragma once

#include <optional>
#include <string>

#include "models/goal.h"
#include "models/platform/platform.h"

namespace scenarios {

/// Area or price that a goal asks for and a part of the platform does not say.
struct Lacking {
  models::Metric metric = models::Metric::area;
  std::string what;  ///< which part, and what to do
};

/// The first such; nullopt where all is well.
std::optional<Lacking> lacking_expense(const models::Goal& goal, const models::Platform& platform);

}  // namespace scenarios
