// The part of Importer that keeps everything there is to compute, and what is known of values.

#include "models/network/onnx_bytes.h"
#include "models/network/onnx_importer.h"
#include "models/network/valued.h"

namespace models {
namespace {

/// Small values, for the inference of shapes.
void keep_values(OnnxTensor& tensor, const TensorValue& value) {
  if (!value || value.elements() > max_values) return;
  keep_raw_values(value.span(), tensor);
  tensor.has_values = true;
}

/// The tensor attribute of ConstantOfShape, as the two attributes that stand for it.
void add_fill(Operator& op, const OnnxNode& node) {
  op.attributes["value"] = 0.0;
  op.attributes["value_type"] = static_cast<std::int64_t>(ElementType::float32);
  const auto found = node.tensors.find("value");
  if (found == node.tensors.end()) return;
  const auto& value = found->second;
  op.attributes["value_type"] = static_cast<std::int64_t>(value.type);
  if (value.integers.size() == 1) op.attributes["value"] = value.integers[0];
  if (value.reals.size() == 1) op.attributes["value"] = value.reals[0];
}

bool trains(const NodeView& node) {
  return node.node().type == "Dropout" && node.has(2) && node.input(2).has_values &&
         node.input(2).integers == std::vector<std::int64_t>{1};
}

}  // namespace

void Importer::declare_inputs(const Given& given) {
  for (const auto& info : model_.inputs) {
    OnnxTensor tensor;
    tensor.name = info.name;
    tensor.type = info.type;
    if (const auto* value = given.of(info.name)) {
      tensor.shape = value->shape;
      keep_values(tensor, taken_as(*value, info.type));
    } else {
      tensor.shape = input_shape(info);
    }
    declare(std::move(tensor), Tensor::Role::input, -1);
  }
}

void Importer::keep_weight(const OnnxNode& node, const OnnxTensor& value) {
  auto& known = at(known_, find(node.outputs[0]));
  auto name = std::move(known.tensor.name);
  known.tensor = value;
  known.tensor.name = std::move(name);
  known.role = Tensor::Role::weight;
}

/// Whether the node is a weight and no operator.
bool Importer::is_weight(const OnnxNode& node) {
  if (node.type == "Constant") {
    keep_weight(node, node.tensors.at("value"));
    return true;
  }
  if (node.type != "ConstantOfShape" || !node.values_unknown) return false;
  const auto known = at(known_, find(node.outputs[0])).tensor;
  keep_weight(node, known);
  return true;
}

/// Values of small tensors, wherever they can be told beforehand. What is wrong with them is not
/// this pass's to say: the operator itself will.
void Importer::keep_known(const NodeView& view, const std::vector<OnnxOutput>& outputs) {
  const auto& node = view.node();
  std::vector<OnnxTensor> values;
  for (const auto& output : outputs)
    values.push_back({"", output.type, output.shape, false, {}, {}});
  try {
    if (values_kept_ > most_values || !fold(view, values)) return;
  } catch (const InputError&) {
    return;
  } catch (const ShapeUnknown&) {
    return;
  } catch (const TooLarge&) {
    return;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    values_kept_ += values[i].integers.size() + values[i].reals.size();
    if (node.outputs[i].empty()) continue;
    values[i].name = node.outputs[i];
    at(known_, find(node.outputs[i])).tensor = std::move(values[i]);
  }
}

void Importer::keep(int index, const NodeView& view, const OperatorKind* kind) {
  const auto& node = at(model_.nodes, index);
  if (!node.fault.empty()) view.fail("not supported: " + node.fault);
  for (const auto& [name, tensor] : node.tensors)
    if (!tensor.fault.empty()) view.fail("not supported: " + tensor.fault);
  for (std::size_t i = 0; i < view.input_count(); ++i)
    if (view.has(i) && !view.input(i).fault.empty())
      view.fail("its input '" + view.input(i).name + "': not supported: " + view.input(i).fault);
  if (trains(view)) view.fail("not supported: Dropout in training mode");
  const auto outputs = inferred(view, kind);
  adopt(node, outputs, false);
  if (is_weight(node)) return;
  emit(index, view, kind, outputs);
  if (node.type == "ConstantOfShape") add_fill(result_.operators.back(), node);
  keep_known(view, outputs);
}

ValuedNetwork Importer::valued(const std::vector<TensorValue>& values) {
  all_ = true;
  if (!model_.fault.empty()) complain(model_.fault);
  inline_functions(model_);
  name_operators();
  check_dims();
  const Given given(model_, options_, values);
  options_.dims = given.dims();
  for (const auto* list : {&model_.infos, &model_.outputs})
    for (const auto& info : *list) infos_.emplace(info.name, &info);

  declare_weights();
  declare_inputs(given);
  declare_made();
  connect();
  const auto reached = nodes_reached(model_);
  for (const int node : draft_.topological_order())
    if (reached[static_cast<std::size_t>(node)]) process(node);

  result_.name = model_.name;
  result_.opset = model_.opset;
  std::vector<int> outputs;
  for (const auto& info : model_.outputs) {
    outputs.push_back(find(info.name));
    if (outputs.back() < 0)
      complain("nothing makes its output '" + info.name + "'; export the model again");
  }
  if (outputs.empty()) complain("it has no outputs; export the model again");
  number_tensors(outputs);
  return {std::move(result_), std::move(values_), std::move(unknown_)};
}

ValuedNetwork valued_network_of(OnnxModel model, const OnnxOptions& options,
                                const std::vector<TensorValue>& given) {
  return Importer(std::move(model), options).valued(given);
}

ValuedNetwork read_valued(const std::filesystem::path& file, const OnnxOptions& options,
                          const std::vector<TensorValue>& given) {
  return valued_network_of(parse_onnx(file, Values::all), options, given);
}

}  // namespace models
