#pragma once

#include <cstdint>

namespace hardware {

/// c += a x b^T: a of rows x depth, b of columns x depth, both row by row; rows of c begin `stride`
/// apart. By oneDNN, with all the vectors this machine may use.
void add_product(const float* a, std::int64_t rows, const float* b, std::int64_t columns,
                 std::int64_t depth, float* c, std::int64_t stride);

}  // namespace hardware
