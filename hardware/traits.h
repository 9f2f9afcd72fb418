#pragma once

#include <cstddef>
#include <string_view>

namespace hardware {

/// Whether the operator's first output is its first input under another shape or name.
bool renames(std::string_view type);

/// Whether the operator only picks and moves elements of its inputs, so that it is exact in any
/// type, and what it makes has the scale of what it reads.
bool only_moves(std::string_view type);

/// Whether the input says how to compute (a scale, a bound, an axis) rather than what: such are
/// never rounded to the precision the operator computes in.
bool is_parameter(std::string_view type, std::size_t input);

}  // namespace hardware
