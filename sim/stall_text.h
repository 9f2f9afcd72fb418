#pragma once

#include <string>

#include "sim/job.h"
#include "sim/stall.h"

namespace sim {

/// The report in words, several lines; empty if nothing remained.
std::string text_of(const Stall& stall, const Workbench& bench);

}  // namespace sim
