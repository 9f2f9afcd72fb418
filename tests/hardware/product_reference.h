#pragma once

#include <vector>

#include "hardware/sliding.h"

namespace hardware {

/// Convolutions and matrix products in double, by the loops of their definitions; all arrays row by
/// row. `bias` may be empty.
std::vector<double> convolved(const Sliding& sliding, const models::Shape& input_shape,
                              const std::vector<double>& input, const models::Shape& weight_shape,
                              const std::vector<double>& weights, const std::vector<double>& bias,
                              const models::Shape& output_shape);
std::vector<double> transposed_convolved(const Sliding& sliding, const models::Shape& input_shape,
                                         const std::vector<double>& input,
                                         const models::Shape& weight_shape,
                                         const std::vector<double>& weights,
                                         const std::vector<double>& bias,
                                         const models::Shape& output_shape);
/// NumPy's matmul.
std::vector<double> multiplied(const models::Shape& left_shape, const std::vector<double>& left,
                               const models::Shape& right_shape, const std::vector<double>& right,
                               const models::Shape& output_shape);

}  // namespace hardware
