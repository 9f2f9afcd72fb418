#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/speed/speed_case.h"

namespace scenarios {

/// How fast something is on this machine: one row of `partwise bench`.
struct Speed {
  std::string what;
  SpeedCase of;
  std::optional<double> per_second;  ///< plans, or moves; empty: not measured
  std::string why_not;               ///< why it was not measured
  std::optional<double> to_simgrid;  ///< how many times SimGrid's speed on the same case
  /// Time per plan, in times of touching the compiled arrays once.
  std::optional<double> to_floor;
};

struct SpeedOptions {
  double seconds = 1;             ///< of CPU time per row
  std::vector<std::string> only;  ///< rows whose text holds one of these; empty: all
};

/// Names of all rows, in the order measured.
std::vector<std::string> speed_rows();

/// Measures row by row, in CPU time of one thread; each rate is the median of several repetitions.
/// What a ratio is taken to is measured in the same run, even if it is not asked for as a row.
/// `told` hears of each row as soon as it is there.
void measure_speeds(const SpeedOptions& options, const std::function<void(const Speed&)>& told);

}  // namespace scenarios
