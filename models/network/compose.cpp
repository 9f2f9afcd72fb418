// Networks made of networks: batches, and several side by side.
#include "models/index.h"
#include "models/network/network.h"

namespace models {

Network batched(const Network& network, std::int64_t b) {
  Network result = network;
  result.batch = network.batch * b;
  for (auto& op : result.operators) {
    op.macs *= b;
    op.element_operations *= b;
  }
  for (auto& tensor : result.tensors) {
    if (tensor.role == Tensor::Role::weight) continue;
    if (tensor.shape.empty())
      tensor.shape = {b};
    else
      tensor.shape.front() *= b;
  }
  return result;
}

Network side_by_side(const std::vector<NamedNetwork>& networks) {
  Network result;
  for (const auto& [prefix, network] : networks) {
    const auto first_tensor = static_cast<int>(result.tensors.size());
    const auto first_operator = static_cast<int>(result.operators.size());
    const auto moved = [&](std::vector<int> indices) {
      for (auto& index : indices)
        if (index >= 0) index += first_tensor;
      return indices;
    };
    result.name += (result.name.empty() ? "" : "+") + prefix;
    result.opset = network->opset;
    result.batch = network->batch;
    for (auto tensor : network->tensors) {
      tensor.name = prefix + "/" + tensor.name;
      if (tensor.producer >= 0) tensor.producer += first_operator;
      result.tensors.push_back(std::move(tensor));
    }
    for (auto op : network->operators) {
      op.name = prefix + "/" + op.name;
      op.inputs = moved(op.inputs);
      op.outputs = moved(op.outputs);
      result.operators.push_back(std::move(op));
    }
    const auto inputs = moved(network->inputs), outputs = moved(network->outputs);
    result.inputs.insert(result.inputs.end(), inputs.begin(), inputs.end());
    result.outputs.insert(result.outputs.end(), outputs.begin(), outputs.end());
    for (const auto& note : network->notes) result.notes.push_back(prefix + ": " + note);
  }
  return result;
}

}  // namespace models
