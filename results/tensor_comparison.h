#pragma once

#include <cstdint>
#include <string>

#include "models/network/tensor_value.h"

namespace results {

/// How far a tensor is from a reference.
struct TensorComparison {
  std::int64_t elements = 0;
  /// Elements that differ by more than atol + rtol x |reference|; NaN equals NaN, an infinity only
  /// itself. Whole numbers and booleans differ as numbers do.
  std::int64_t outside = 0;
  std::int64_t first_outside = -1;  ///< index row by row
  double largest_absolute = 0;      ///< infinite where an element should be finite and is not
  double largest_relative = 0;      ///< |difference| / |reference|, where the reference is not 0
  double signal_to_noise_db = 0;    ///< 10 log10(sum reference^2 / sum difference^2); +-infinity
  /// Of real-valued tensors, rows along the last axis with at least 2 elements: how many have the
  /// same largest element, and in how many the reference's largest is among our five largest. Of
  /// equal ones the first is the largest; NaN is larger than all.
  std::int64_t rows = 0, top_1 = 0, top_5 = 0;
  std::string mismatch;  ///< of type or shape, in the user's words; nothing else is then filled

  bool holds() const { return mismatch.empty() && outside == 0; }
};

TensorComparison compare(const models::TensorValue& ours, const models::TensorValue& reference,
                         double rtol, double atol);

}  // namespace results
