#pragma once

#include <optional>
#include <vector>

#include "hardware/kernel.h"
#include "models/network/tensor_value.h"

namespace hardware {

/// Runs an operator once by its plain kernel, on inputs that are constants, or of which it needs no
/// more than the shape. The outputs have the layouts of `outputs`; nullopt where one is absent.
/// Throws InputError ("not supported: ...").
std::vector<models::TensorValue> evaluate(const models::Operator& op, int opset,
                                          const std::vector<std::optional<Request::Input>>& inputs,
                                          const std::vector<std::optional<Layout>>& outputs);

/// The kernel of the operator's row in the plain catalogue. Throws InputError ("not supported: NAME
/// ...").
Prepared make_plain(const Request& request);

}  // namespace hardware
