#pragma once

#include <optional>
#include <string>

#include "models/platform/platform.h"

namespace models {

/// Why the links of a given route do not lead from its one end to the other; nullopt if they do.
/// Its devices and links must exist.
std::optional<std::string> gap_in(const Platform& platform, const Route& route);

}  // namespace models
