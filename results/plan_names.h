#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
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
  /// Of a plan of a co-design: what its platform has, by path of the scenario.
  std::vector<std::pair<std::string, std::string>> platform_values;
};

/// Throws InputError with file:line:column for what is no plan; what only a problem can tell is
/// left to read_plan.
PlanNames plan_names(std::string_view text, const std::string& file);

}  // namespace results
