#pragma once

#include <vector>

#include "tests/hardware/property.h"

namespace hardware::property {

/// Operators done in the same step, and their other operands.
struct FusedParts {
  std::vector<Fused> parts;  ///< `input` counts in `others` until they are inputs of a request
  std::vector<Array> others;
  bool constant = false;  ///< whether the other operands are
};

/// None, one or two of those that the kernel does, for a result like this one.
FusedParts draw_fused(std::string_view fuses, const Array& result, Draw& draw);

/// Does them to what is expected, and to what it may be off by.
void apply_fused(const FusedParts& fused, Array& expected, std::vector<double>& allowed,
                 models::Precision precision);

/// What comes of rounding constant weights to integers, element by element of the first output:
/// half a step of the largest weight times all it is multiplied with; of what is no product, half a
/// step of any constant.
std::vector<double> quantised_weights(const Case& what, const Request& request);

}  // namespace hardware::property
