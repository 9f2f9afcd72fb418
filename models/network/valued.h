#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/network/network.h"
#include "models/network/onnx.h"
#include "models/network/tensor_value.h"

namespace models {

/// A network with all it takes to compute it. Nothing is folded or removed: constant parts are
/// operators that read weights only, `inputs` and `outputs` are all of the file's, in its order,
/// and an output may be an input or a weight. Operators are named as read_onnx names them, so that
/// a plan made for what that answers fits. Network::check does not hold of it.
struct ValuedNetwork {
  Network network;
  /// [tensor] of weights; without value where the file keeps none, see `unknown`, and of all else.
  std::vector<TensorValue> values;
  std::vector<int> unknown;  ///< weights whose values nobody kept
};

/// Reads an ONNX model with the values of its weights; external data is mapped into memory.
/// `given` are the inputs, in the file's order: they say the sizes of dimensions that the file
/// leaves open, and shapes may depend on the values of those that are small and not real-valued.
/// Throws InputError naming the file, and the node or input where there is one.
ValuedNetwork read_valued(const std::filesystem::path& file, const OnnxOptions& options,
                          const std::vector<TensorValue>& given);

/// The same of a network that never had values, as those of the zoo.
ValuedNetwork without_values(const Network& network);

}  // namespace models
