// The part of Importer that broadcasts as opset 7 does what opsets before it broadcast from an axis
// on. Only networks that are to be computed are read so, since it takes an operator that the file
// lacks.
#include "models/network/old_opsets.h"
#include "models/network/onnx_importer.h"

namespace models {

/// The second factor stretched from an axis of the first on: as many axes of size one put behind it
/// as it takes, by an operator of its own.
void Importer::align(int index, std::size_t axis) {
  auto& node = at(model_.nodes, index);
  const auto rank = at(known_, find(node.inputs[0])).tensor.shape.size();
  const auto source = find(node.inputs[1]);
  const auto& from = at(known_, source).tensor;
  const auto own = from.shape.size();
  if (own + axis >= rank) return;
  OnnxTensor tensor = from;
  tensor.name = node.name + "/aligned";
  tensor.value = {};
  Operator op;
  op.name = tensor.name;
  op.type = "Unsqueeze";
  op.costing = Costing::free;
  op.reason = find_operator_kind(op.type)->how;
  Shape axes;
  for (std::size_t i = own; i + axis < rank; ++i) {
    axes.push_back(static_cast<std::int64_t>(i));
    tensor.shape.push_back(1);
  }
  op.attributes["axes"] = axes;
  node.inputs[1] = tensor.name;
  const int aligned = declare(std::move(tensor), Tensor::Role::computed, index);
  op.inputs = {source};
  op.outputs = {aligned};
  at(draft_.operators, index).inputs[1] = aligned;
  result_.operators.push_back(std::move(op));
}

void Importer::align_old(int index) {
  auto& node = at(model_.nodes, index);
  if (!broadcasts_along_axis(node) || node.inputs.size() != 2) return;
  const int first = find(node.inputs[0]);
  const int second = find(node.inputs[1]);
  if (first < 0 || second < 0) return;
  const auto rank = static_cast<std::int64_t>(at(known_, first).tensor.shape.size());
  const auto& shape = at(known_, second).tensor.shape;
  const auto* given = std::get_if<std::int64_t>(&node.attributes["axis"]);
  std::int64_t axis = given == nullptr ? -1 : *given;
  // A slope per channel, or one for all.
  if (node.type == "PRelu") axis = shape.size() == 1 && shape[0] != 1 ? 1 : -1;
  node.attributes.erase("broadcast");
  node.attributes.erase("axis");
  if (axis >= 0 && axis < rank) align(index, static_cast<std::size_t>(axis));
}

}  // namespace models
