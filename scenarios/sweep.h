#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/axis.h"
#include "scenarios/scenario.h"
#include "scenarios/section.h"
#include "scenarios/value.h"

namespace scenarios {

/// What a scenario file says beside the scenario itself.
struct Sweep {
  std::vector<Axis> axes;
  std::vector<std::uint64_t> seeds = {1};
};

/// Takes `sweep` and `seeds` out of the file's mapping. What the command line sets is not swept.
Sweep take_sweep(Value& file, const Overrides& overrides, Faults& faults);

/// One cell of the cross product: the file with every choice made.
struct Cell {
  Value file;
  std::vector<SweptValue> swept;
};

/// How many cells there are; at most `most_cells`, else a fault is added and it is 0.
std::size_t cell_count(const Sweep& sweep, const Value& file, Faults& faults);
inline constexpr std::size_t most_cells = 20'000;

/// Cell number `index`: the last axis changes fastest. Throws InputError where a path leads
/// nowhere.
Cell make_cell(const Value& file, const Sweep& sweep, std::size_t index);

/// Swept paths and the short names that labels call them: the last part where that tells them
/// apart.
std::vector<std::pair<std::string, std::string>> short_names(const Sweep& sweep);

}  // namespace scenarios
