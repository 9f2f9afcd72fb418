#include <map>
#include <set>

#include "models/network/valued.h"

namespace models {
namespace {

void add_faults(std::vector<Need>& needs, const std::vector<OnnxInfo>& infos,
                const std::string& what) {
  for (const auto& info : infos)
    if (!info.unsupported.empty())
      needs.push_back({"", what + " '" + info.name + "'", info.unsupported});
}

std::string where_is(const OnnxNode& node) {
  if (!node.name.empty() || node.outputs.empty()) return "operator '" + node.name + "'";
  return "the maker of '" + node.outputs[0] + "'";
}

}  // namespace

std::vector<bool> nodes_reached(const OnnxModel& model) {
  std::map<std::string, std::size_t> makers;
  for (std::size_t i = 0; i < model.nodes.size(); ++i)
    for (const auto& output : model.nodes[i].outputs) makers[output] = i;
  makers.erase("");
  std::vector<bool> reached(model.nodes.size(), false);
  std::vector<std::size_t> waiting;
  const auto reach = [&](const std::string& name) {
    const auto maker = makers.find(name);
    if (maker == makers.end() || reached[maker->second]) return;
    reached[maker->second] = true;
    waiting.push_back(maker->second);
  };
  for (const auto& output : model.outputs) reach(output.name);
  while (!waiting.empty()) {
    const auto& node = model.nodes[waiting.back()];
    waiting.pop_back();
    for (const auto& input : node.inputs) reach(input);
    for (const auto& capture : node.captures) reach(capture);
  }
  return reached;
}

std::vector<Need> needs_of(const OnnxModel& model) {
  OnnxModel copy;
  copy.source = model.source;
  copy.nodes = model.nodes;
  copy.outputs = model.outputs;
  copy.functions = model.functions;
  inline_functions(copy);
  const auto reached = nodes_reached(copy);
  std::vector<Need> needs;
  std::set<std::string> read;
  for (std::size_t i = 0; i < copy.nodes.size(); ++i) {
    const auto& node = copy.nodes[i];
    if (!reached[i]) continue;
    read.insert(node.inputs.begin(), node.inputs.end());
    auto fault = node.fault;
    for (const auto& [name, tensor] : node.tensors)
      if (fault.empty()) fault = tensor.fault;
    needs.push_back({node.type, where_is(node), fault});
  }
  add_faults(needs, model.inputs, "input");
  add_faults(needs, model.outputs, "output");
  for (const auto& weight : model.weights)
    if (!weight.fault.empty() && read.contains(weight.name))
      needs.push_back({"", "weight '" + weight.name + "'", weight.fault});
  return needs;
}

ValuedNetwork without_values(const Network& network) {
  ValuedNetwork result{network, {}, {}};
  result.values.resize(network.tensors.size());
  for (std::size_t i = 0; i < network.tensors.size(); ++i) {
    const auto& tensor = network.tensors[i];
    if (tensor.role != Tensor::Role::weight) continue;
    auto& value = result.values[i];
    value = kept_value(tensor);
    if (!value) result.unknown.push_back(static_cast<int>(i));
  }
  return result;
}

}  // namespace models
