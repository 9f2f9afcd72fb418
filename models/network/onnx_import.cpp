#include <set>

#include "models/network/onnx_importer.h"

namespace models {

int Importer::declare(OnnxTensor tensor, Tensor::Role role, int producer) {
  const auto index = static_cast<int>(known_.size());
  if (!index_.emplace(tensor.name, index).second)
    complain("tensor '" + tensor.name +
             "' is defined twice; every tensor needs one maker: export the model again");
  known_.push_back({std::move(tensor), role, producer});
  return index;
}

int Importer::find(const std::string& name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? -1 : found->second;
}

std::optional<Shape> Importer::shape_of(const OnnxInfo& info) const {
  if (!info.fault.empty()) return std::nullopt;
  Shape shape;
  for (const auto& dimension : info.shape) {
    const auto given = options_.dims.find(dimension.symbol);
    if (dimension.size && *dimension.size >= 0)
      shape.push_back(*dimension.size);
    else if (!dimension.symbol.empty() && given != options_.dims.end())
      shape.push_back(given->second);
    else
      return std::nullopt;
  }
  return shape;
}

Shape Importer::input_shape(const OnnxInfo& info) const {
  if (!info.fault.empty()) complain("its input '" + info.name + "' " + info.fault);
  Shape shape;
  std::string open;
  std::string remedy;
  for (std::size_t i = 0; i < info.shape.size(); ++i) {
    const auto& dimension = info.shape[i];
    const auto key = dimension_key(info, i);
    const auto given = options_.dims.find(key);
    const bool fixed = dimension.size && *dimension.size > 0;
    if (fixed || given != options_.dims.end()) {
      shape.push_back(fixed ? *dimension.size : given->second);
      continue;
    }
    shape.push_back(0);
    if (remedy.find(" " + key + ":") != std::string::npos) continue;
    open += (open.empty() ? "'" : ", '") + key + "'";
    remedy += (remedy.empty() ? " " : ", ") + key + ": 1";
  }
  if (!open.empty())
    complain("its input '" + info.name + "' has dimensions without a size: " + open +
             "; set them with `dims: {" + remedy.substr(1) + "}`");
  return shape;
}

void Importer::check_dims() const {
  std::set<std::string> keys;
  for (const auto& info : model_.inputs)
    for (std::size_t i = 0; i < info.shape.size(); ++i)
      if (!info.shape[i].size || *info.shape[i].size <= 0) keys.insert(dimension_key(info, i));
  for (const auto* list : {&model_.infos, &model_.outputs})
    for (const auto& info : *list)
      for (const auto& dimension : info.shape)
        if (!dimension.symbol.empty()) keys.insert(dimension.symbol);

  for (const auto& [key, size] : options_.dims) {
    if (size < 1)
      complain("dims: '" + key + "' is " + std::to_string(size) + "; it must be 1 or more");
    if (keys.contains(key)) continue;
    std::string all;
    for (const auto& other : keys) all += (all.empty() ? "'" : ", '") + other + "'";
    complain("dims: it has no dimension '" + key + "'; " +
             (all.empty() ? "all its dimensions are fixed" : "there is " + all));
  }
}

void Importer::declare_weights() {
  for (auto& weight : model_.weights) {
    try {
      elements_of(weight.shape);
    } catch (const TooLarge& error) {
      complain("weight '" + weight.name + "' of shape " + text_of(weight.shape) +
               " is not possible: " + error.what());
    }
    declare(std::move(weight), Tensor::Role::weight, -1);
  }
}

void Importer::declare_read_inputs() {
  std::set<std::string> read;
  for (const auto& node : model_.nodes) {
    read.insert(node.inputs.begin(), node.inputs.end());
    read.insert(node.captures.begin(), node.captures.end());
  }
  for (const auto& output : model_.outputs) read.insert(output.name);
  for (const auto& info : model_.inputs) {
    OnnxTensor tensor{info.name, info.type, {}, false, {}, {}};
    if (read.contains(info.name)) tensor.shape = input_shape(info);
    try {
      elements_of(tensor.shape);
    } catch (const TooLarge& error) {
      complain("its input '" + info.name + "' of shape " + text_of(tensor.shape) +
               " is not possible: " + error.what());
    }
    declare(std::move(tensor), Tensor::Role::input, -1);
  }
}

void Importer::declare_made() {
  for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
    auto& node = model_.nodes[i];
    bool makes = false;
    for (const auto& output : node.outputs) {
      if (output.empty()) continue;
      makes = true;
      declare({output, {}, {}, false, {}, {}}, Tensor::Role::computed, static_cast<int>(i));
    }
    if (!makes) throw InputError(message(model_.source, node, "it makes no output; remove it"));
  }
}

/// Joins nodes to tensors by name, in a network that only serves to find an order.
void Importer::connect() {
  draft_.name = model_.source;
  for (const auto& known : known_) {
    auto& tensor = draft_.tensors.emplace_back();
    tensor.name = known.tensor.name;
    tensor.producer = known.producer;
  }
  for (const auto& node : model_.nodes) {
    auto& op = draft_.operators.emplace_back();
    op.name = node.name.empty() ? node.type : node.name;
    for (const auto& input : node.inputs) {
      const int tensor = input.empty() ? -1 : find(input);
      if (tensor < 0 && !input.empty())
        throw InputError(message(
            model_.source, node,
            "it reads tensor '" + input + "', which nothing makes; export the model again"));
      op.inputs.push_back(tensor);
    }
    for (const auto& output : node.outputs)
      op.outputs.push_back(output.empty() ? -1 : find(output));
    std::set<int> read(op.inputs.begin(), op.inputs.end());
    for (const auto& capture : node.captures)
      if (const int tensor = find(capture); tensor >= 0 && read.insert(tensor).second)
        op.inputs.push_back(tensor);
  }
}

Network Importer::network() {
  if (model_.nodes.empty()) complain("it has no operators; there is nothing to run");
  inline_functions(model_);
  name_operators();
  check_dims();
  for (const auto* list : {&model_.infos, &model_.outputs})
    for (const auto& info : *list) infos_.emplace(info.name, &info);

  declare_weights();
  declare_read_inputs();
  declare_made();
  connect();
  for (const int node : draft_.topological_order()) process(node);

  result_.name = model_.name;
  result_.opset = model_.opset;
  const auto outputs = outputs_reached();
  remove_dead(outputs);
  number_tensors(outputs);
  result_.check();
  return std::move(result_);
}

Network network_of(OnnxModel model, const OnnxOptions& options) {
  return Importer(std::move(model), options).network();
}

Network read_onnx(const std::filesystem::path& file, const OnnxOptions& options) {
  return network_of(parse_onnx(file), options);
}

}  // namespace models
