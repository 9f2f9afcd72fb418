#include "models/accuracy/noise.h"

#include <algorithm>
#include <set>

namespace models {
namespace {

bool joins_by_adding(const std::string& type) {
  static const std::set<std::string> types = {"Add", "Sub", "Sum",   "Mean",
                                              "Max", "Min", "Where", "Concat"};
  return types.contains(type);
}

/// The activations with real values that an operator reads, each once.
std::set<int> real_activations(const Network& network, const Operator& op) {
  std::set<int> read;
  for (const int t : op.inputs) {
    if (t < 0) continue;
    const auto& tensor = network.tensors[static_cast<std::size_t>(t)];
    if (tensor.role != Tensor::Role::weight && is_real(tensor.type)) read.insert(t);
  }
  return read;
}

}  // namespace

Sensitivity sensitivity(const Network& network) {
  Sensitivity result{std::vector<double>(network.tensors.size()),
                     std::vector<double>(network.operators.size())};
  auto& tensor = result.tensor;
  for (const int t : network.outputs)
    tensor[static_cast<std::size_t>(t)] += 1.0 / static_cast<double>(network.outputs.size());

  for (std::size_t o = network.operators.size(); o-- > 0;) {
    const auto& op = network.operators[o];
    double made = 0;
    for (const int t : op.outputs)
      if (t >= 0) made += tensor[static_cast<std::size_t>(t)];
    const auto read = real_activations(network, op);
    const double share =
        joins_by_adding(op.type) && !read.empty() ? 1.0 / static_cast<double>(read.size()) : 1.0;
    result.reading[o] = std::min(1.0, made) * share;
    for (const int t : read) {
      auto& into = tensor[static_cast<std::size_t>(t)];
      into = std::min(1.0, into + result.reading[o]);
    }
  }
  for (std::size_t t = 0; t < tensor.size(); ++t)
    if (!is_real(network.tensors[t].type)) tensor[t] = 0;
  return result;
}

}  // namespace models
