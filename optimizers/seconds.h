#pragma once

namespace optimizers {

/// In seconds. Times of problems are whole picoseconds, costs of goals are made of seconds.
inline constexpr double picosecond = 1e-12;

}  // namespace optimizers
