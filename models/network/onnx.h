#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "models/network/network.h"

namespace models {

struct OnnxOptions {
  std::map<std::string, std::int64_t> dims;  ///< values of symbolic dimensions: batch -> 1
  bool unknown_by_bandwidth = false;         ///< cost unknown operators by their bytes
};

/// Reads an ONNX model (opset 7 and later), folds constants, infers shapes, costs every operator.
/// Weights in external files are never opened; their paths must stay inside the model's folder.
/// Throws InputError naming the file, and the node where there is one.
Network read_onnx(const std::filesystem::path& file, const OnnxOptions& options = {});

/// Writes a model that read_onnx reads back equal. Weights are constant fills (ConstantOfShape), so
/// the file stays small. Written beside and renamed. Throws EnvironmentError when it cannot.
void write_onnx(const Network& network, const std::filesystem::path& file);

}  // namespace models
