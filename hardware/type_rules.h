#pragma once

#include "models/network/network.h"

namespace hardware {

/// Throws InputError naming the first operator whose inputs are of different types where ONNX wants
/// one: kernels read them all as what the first one is.
void check_types(const models::Network& network);

}  // namespace hardware
