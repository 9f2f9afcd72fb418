#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "models/network/onnx_model.h"

namespace models {

double from_half(std::uint16_t bits);
double from_bfloat(std::uint16_t bits);

/// Adds the values that `bytes` hold, row by row in this machine's byte order, in the tensor's
/// element type.
void keep_raw_values(std::span<const std::byte> bytes, OnnxTensor& tensor);

}  // namespace models
