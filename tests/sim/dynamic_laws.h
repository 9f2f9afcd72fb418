#pragma once

#include <string>
#include <vector>

#include "tests/sim/dynamic_case.h"

namespace dynamic_case {

/// Which laws of docs/execution-model.md, section 8, the execution of the case breaks, in words;
/// empty: all hold. Counts add up what was seen, so that a test can tell that it saw enough.
struct Counts {
  int executed = 0, stalled = 0, lost = 0, several = 0, batched = 0, limited = 0, changed = 0;
};
std::vector<std::string> broken_laws(const Case& what, Counts& counts);

/// Execution of the same case with devices, links and operators in another order.
std::vector<std::string> broken_by_renumbering(const Case& what);

/// Execution with events that have no effect beside those there are.
std::vector<std::string> broken_by_nothing(const Case& what);

}  // namespace dynamic_case
