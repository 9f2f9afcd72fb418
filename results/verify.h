#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/timeline.h"

namespace results {

/// A place where an execution breaks a rule of docs/execution-model.md.
struct Violation {
  std::string rule;       ///< "slots", "order", "capacity", ...: see verify.cpp's list
  std::string what;       ///< in words, with numbers
  std::string where;      ///< the device, channel or request
  std::int64_t when = 0;  ///< picoseconds
};

/// "slots: device 'npu', at 1.2 us: ...".
std::string to_text(const Violation& violation);

/// Checks an execution against the laws, with code that shares nothing with the engines. Empty: all
/// hold. At most `most` violations are described. Never throws, whatever the timeline holds.
std::vector<Violation> verify(const models::Timeline& timeline, std::size_t most = 100);

}  // namespace results
