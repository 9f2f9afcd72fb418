#pragma once

#include <optional>
#include <vector>

#include "models/network/valued.h"
#include "models/precision/precision.h"
#include "models/task_graph.h"

namespace hardware {

/// What is computed and converted, and in which order: a task graph on one device, without times
/// and transfers. Constant parts of the network are not in it.
struct Recipe {
  /// A tensor in a format.
  struct Instance {
    int tensor = -1;  ///< of the network
    models::Precision format = models::Precision::fp32;
    bool sent = false;  ///< travels to another device in its format, so that it must be there
  };
  struct Task {
    int op = -1;  ///< -1: a conversion from inputs[0] to outputs[0]
    models::Precision precision = models::Precision::fp32;  ///< the operator computes in
    std::vector<int> inputs;   ///< instances in ONNX order; -1: absent or constant
    std::vector<int> outputs;  ///< instances in ONNX order; -1: absent
  };
  std::vector<Instance> instances;
  std::vector<Task> tasks;
  std::vector<int> inputs;   ///< [network input] instance
  std::vector<int> outputs;  ///< [network output] instance; -1: constant
};

/// [operator] whether it reads constants only, or of what it reads only the shape. What it makes
/// is computed once, when a program is made.
std::vector<bool> constant_operators(const models::Network& network);

/// [operator] in which precision it computes; inputs are converted once for each precision that
/// reads them. That of constant operators does not matter.
Recipe recipe_of(const models::Network& network, const std::vector<models::Precision>& precisions);
/// All operators in one precision.
Recipe uniform_recipe(const models::Network& network, models::Precision precision);

/// What the task graph says: conversions and wire formats of a plan. The graph is of the same
/// network with constants folded; operators and tensors are found by name. Throws InputError where
/// they are not.
Recipe recipe_of(const models::Network& network, const models::TaskGraph& graph);

}  // namespace hardware
