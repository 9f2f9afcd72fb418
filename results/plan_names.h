#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "models/precision/precision.h"

namespace results {

/// What a plan file names of the platform it was made for: enough to make one that it fits.
struct PlanNames {
  std::string platform;                       ///< empty where the plan does not say
  std::string sink;                           ///< device that outputs must reach; the same
  std::vector<std::string> devices;           ///< sorted
  std::map<std::string, std::int64_t> lanes;  ///< by link
  std::set<models::Precision> wires;
};

/// Throws InputError with file:line:column for what is no plan; what only a problem can tell is
/// left to read_plan.
PlanNames plan_names(std::string_view text, const std::string& file);

}  // namespace results
