#pragma once

#include <string>

#include "models/network/onnx_model.h"

namespace models {

/// The first operator of a model of an opset before 7 that opset 7 defines otherwise, as in
/// "operator 'x' (Reshape)"; empty where the whole model means the same in opset 7.
std::string differs_from_opset_7(const OnnxModel& model);

}  // namespace models
