#pragma once

#include <string>

#include "models/network/onnx_model.h"

namespace models {

/// The first operator of a model of an opset before 7 that opset 7 defines otherwise, as in
/// "operator 'x' (Reshape)"; empty where the whole model means the same in opset 7.
/// What only broadcasts otherwise does not count where that is `aligned`.
std::string differs_from_opset_7(const OnnxModel& model, bool aligned);

/// Whether an operator of an opset before 7 may broadcast its second input from an axis on.
bool broadcasts_along_axis(const OnnxNode& node);

}  // namespace models
