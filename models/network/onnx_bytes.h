#pragma once

#include <cstdint>
#include <string>

#include "models/network/onnx_model.h"

namespace models {

double from_half(std::uint16_t bits);
double from_bfloat(std::uint16_t bits);

/// Adds the values that `bytes` hold, little-endian and row by row, in the tensor's element type.
void keep_raw_values(const std::string& bytes, OnnxTensor& tensor);

}  // namespace models
