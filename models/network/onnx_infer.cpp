// The part of Importer that goes through the nodes: shapes, constants and costs.
#include <set>

#include "models/network/onnx_importer.h"

namespace models {
namespace {

bool holds_graphs(const std::string& type) {
  return type == "If" || type == "Loop" || type == "Scan" || type == "SequenceMap";
}

/// Reshaping a weight is free at run time as well, and stays where the file's author put it.
bool reshapes_weight(const NodeView& node) {
  const auto& type = node.node().type;
  const bool reshapes =
      type == "Reshape" || type == "Flatten" || type == "Squeeze" || type == "Unsqueeze";
  return reshapes && is_real(node.type(0)) && !node.input(0).has_values;
}

}  // namespace

std::string Importer::unknown_types() const {
  std::set<std::string> types;
  for (const auto& node : model_.nodes)
    if (find_operator_kind(node.type) == nullptr) types.insert(node.type);
  std::string text;
  for (const auto& type : types) text += (text.empty() ? "" : ", ") + type;
  return text;
}

/// What the file itself says of the outputs, where their shapes cannot be inferred.
std::vector<OnnxOutput> Importer::declared(const OnnxNode& node, const std::string& why) const {
  std::vector<OnnxOutput> outputs;
  for (const auto& name : node.outputs) {
    const auto info = infos_.find(name);
    const auto shape = info == infos_.end() ? std::nullopt : shape_of(*info->second);
    if (!shape && !name.empty()) {
      const auto unknown = unknown_types();
      throw InputError(message(
          model_.source, node,
          "the shape of its output '" + name + "' " + why +
              "; declare the shape in the file's value_info" +
              (unknown.empty() ? "" : " (operators that are not supported: " + unknown + ")")));
    }
    outputs.push_back({shape.value_or(Shape{}), shape ? info->second->type : ElementType{}});
  }
  return outputs;
}

std::vector<OnnxOutput> Importer::inferred(const NodeView& view, const OperatorKind* kind) const {
  const auto& node = view.node();
  if (kind == nullptr) return declared(node, "is not known, since the operator is not supported");
  try {
    auto outputs = kind->infer(view);
    view.require(outputs.size() >= node.outputs.size(),
                 "it has " + std::to_string(node.outputs.size()) + " outputs where " +
                     std::to_string(outputs.size()) + " are possible");
    outputs.resize(node.outputs.size());
    return outputs;
  } catch (const ShapeUnknown& unknown) {
    return declared(node, unknown.why);
  }
}

void Importer::adopt(const OnnxNode& node, const std::vector<OnnxOutput>& outputs, bool constant) {
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i].empty()) continue;
    elements_of(outputs[i].shape);
    auto& known = at(known_, find(node.outputs[i]));
    known.tensor.shape = outputs[i].shape;
    known.tensor.type = outputs[i].type;
    if (constant) known.role = Tensor::Role::weight;
  }
}

void Importer::cost(Operator& op, const OnnxNode& node, const NodeView& view,
                    const OperatorKind* kind, const std::vector<OnnxOutput>& outputs) const {
  if (kind == nullptr) {
    op.costing = options_.unknown_by_bandwidth ? Costing::by_bytes : Costing::not_costed;
    if (!options_.unknown_by_bandwidth)
      op.reason = holds_graphs(node.type) ? "operators that hold graphs have no cost model"
                                          : "there is no cost model for this operator";
    return;
  }
  op.costing = kind->rule == CostRule::free ? Costing::free : Costing::counted;
  if (op.costing == Costing::free) op.reason = kind->how;
  std::vector<OnnxOutput> present;
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (i == 0 || !node.outputs[i].empty()) present.push_back(outputs[i]);
  try {
    const auto cost = cost_of(*kind, view, present);
    op.macs = cost.macs;
    op.element_operations = cost.element_operations;
    op.reduction_channels = cost.reduction_channels;
  } catch (const ShapeUnknown& unknown) {
    // Its shape the file declares; what it costs would have come from the same numbers.
    op.costing = options_.unknown_by_bandwidth ? Costing::by_bytes : Costing::not_costed;
    if (!options_.unknown_by_bandwidth) op.reason = unknown.why;
  }
}

void Importer::emit(int index, const NodeView& view, const OperatorKind* kind,
                    const std::vector<OnnxOutput>& outputs) {
  auto& node = at(model_.nodes, index);
  Operator op = at(draft_.operators, index);
  op.name = node.name;
  op.type = node.type;
  cost(op, node, view, kind, outputs);
  op.attributes = node.attributes;
  result_.operators.push_back(std::move(op));
}

void Importer::process(int index) {
  if (all_ && model_.declared_opset < oldest_opset) align_old(index);
  const auto& node = at(model_.nodes, index);
  if (!node.references.empty())
    throw InputError(message(
        model_.source, node,
        "its attribute '" + node.references.begin()->first + "' refers to a function's parameter"));
  std::vector<const OnnxTensor*> inputs;
  bool constant = !node.inputs.empty() || node.type == "Constant";
  for (const auto& input : node.inputs) {
    const int tensor = input.empty() ? -1 : find(input);
    inputs.push_back(tensor < 0 ? nullptr : &at(known_, tensor).tensor);
    constant = constant && (tensor < 0 || at(known_, tensor).role == Tensor::Role::weight);
  }
  const NodeView view(node, model_.source, model_.opset, std::move(inputs));
  const auto* kind = node.has_subgraph ? nullptr : find_operator_kind(node.type);
  constant = !all_ && kind != nullptr &&
             (constant || node.type == "Shape" || node.type == "Size" || node.type == "EyeLike");
  if (constant && reshapes_weight(view)) constant = false;
  try {
    if (all_) return keep(index, view, kind);
    const auto outputs = inferred(view, kind);
    adopt(node, outputs, constant);
    if (!constant) return emit(index, view, kind, outputs);
    ++folded_;
    std::vector<OnnxTensor> values;
    for (const auto& output : outputs)
      values.push_back({"", output.type, output.shape, false, {}, {}});
    if (values_kept_ > most_values || !fold(view, values)) return;
    for (const auto& value : values) values_kept_ += value.integers.size() + value.reals.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (node.outputs[i].empty()) continue;
      values[i].name = node.outputs[i];
      at(known_, find(node.outputs[i])).tensor = std::move(values[i]);
    }
  } catch (const TooLarge& error) {
    view.fail(std::string(error.what()) + "; the sizes in the file cannot be meant");
  }
}

}  // namespace models
