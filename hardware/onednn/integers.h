#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "hardware/kernel.h"
#include "hardware/sliding.h"

namespace hardware {

/// Integers by oneDNN, only where its sums are exact: without VNNI it adds pairs of products in 16
/// bits, which saturate. All are nullopt where there is no such kernel.

/// A convolution of int8 or uint8, less `zero`, with `weights` of `weight_shape`: a kernel of one
/// input, row by row, and one output, the sums as int32 in either layout.
std::optional<Prepared> exact_convolution(const Layout& input, std::int32_t zero,
                                          const Layout& output, const models::Shape& weight_shape,
                                          std::span<const std::int8_t> weights,
                                          const Sliding& sliding);

/// A matrix of int8 or uint8 times one of depth x columns, row by row: a kernel of one input and
/// one output, the sums as int32.
std::optional<Prepared> exact_multiplication(models::ElementType type, std::int64_t rows,
                                             std::int64_t depth, std::int64_t columns,
                                             std::span<const std::int8_t> right);

}  // namespace hardware
