#pragma once

#include "hardware/kernel.h"

namespace hardware {

/// Kernels that go by the definitions, for what oneDNN has none: of any rank, type and size.
template <class T>
Prepared convolution_loops(const Request& request, bool transposed);
template <class T>
Prepared matrix_loops(const Request& request);

/// The native fp32 kernel with whatever reorders it takes to read and write row by row; by
/// `otherwise` where there is none.
Prepared row_by_row(const Request& request, NativeFactory native, PlainFactory otherwise);

}  // namespace hardware
