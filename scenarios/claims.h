#pragma once

#include <vector>

#include "scenarios/scenario.h"
#include "scenarios/section.h"
#include "scenarios/sweep.h"
#include "scenarios/value.h"

namespace scenarios {

/// Reads the list below `expect`. Paths in `where` and `compared_to` are those swept, whole or as
/// labels call them; their values are among those swept.
std::vector<Claim> read_claims(const Value& expect, const Sweep& sweep, Faults& faults);

}  // namespace scenarios
