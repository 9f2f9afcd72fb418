#pragma once

#include <optional>

#include "hardware/kernel.h"

namespace hardware {

/// Kernels of native_products(). fp32 without fused operations, and row by row, serves plain
/// kernels too.
std::optional<Prepared> native_convolution(const Request& request);
std::optional<Prepared> native_transposed_convolution(const Request& request);
std::optional<Prepared> native_gemm(const Request& request);
std::optional<Prepared> native_matmul(const Request& request);

}  // namespace hardware
