#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "models/error.h"
#include "models/network/onnx_model.h"
#include "models/network/operator_kinds.h"

namespace models {
namespace {

/// Longest constants kept in the network after folding. Reals are kept for scales of Resize and
/// the like, not for biases.
constexpr std::size_t kept_integers = 1024;
constexpr std::size_t kept_reals = 8;
/// Most values looked at in all, so that no file takes all memory.
constexpr std::size_t most_values = std::size_t{1} << 24;

/// "1 constant", "2 constants".
std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

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

/// Reals as the file that write_onnx makes can hold them, if few.
std::vector<double> kept(const OnnxTensor& tensor) {
  const bool single = tensor.type == ElementType::float32;
  if (tensor.reals.size() > kept_reals || (!single && tensor.type != ElementType::float64))
    return {};
  auto reals = tensor.reals;
  if (single)
    for (auto& real : reals) real = static_cast<double>(static_cast<float>(real));
  return reals;
}

/// What is known of a tensor while the model is being read.
struct Known {
  OnnxTensor tensor;
  Tensor::Role role = Tensor::Role::computed;
  int producer = -1;  ///< node
};

/// Turns a model into a network: the steps are in `network`, in their order.
class Importer {
 public:
  Importer(OnnxModel model, const OnnxOptions& options)
      : model_(std::move(model)), options_(options) {}

  Network network();

 private:
  void declare_given();
  void declare_made();
  void check_dims() const;
  void connect();
  void process(int node);
  std::vector<OnnxOutput> inferred(const NodeView& view, const OperatorKind* kind) const;
  std::vector<OnnxOutput> declared(const OnnxNode& node, const std::string& why) const;
  void adopt(const OnnxNode& node, const std::vector<OnnxOutput>& outputs, bool constant);
  void emit(int node, const NodeView& view, const OperatorKind* kind,
            const std::vector<OnnxOutput>& outputs);
  void cost(Operator& op, const OnnxNode& node, const NodeView& view, const OperatorKind* kind,
            const std::vector<OnnxOutput>& outputs) const;
  std::vector<int> outputs_reached();
  void remove_dead(const std::vector<int>& outputs);
  void number_tensors(const std::vector<int>& outputs);
  void name_operators();

  std::optional<Shape> shape_of(const OnnxInfo& info) const;
  Shape input_shape(const OnnxInfo& info) const;
  int declare(OnnxTensor tensor, Tensor::Role role, int producer);
  int find(const std::string& name) const;
  std::string unknown_types() const;
  [[noreturn]] void complain(const std::string& what) const {
    throw InputError(model_.source + ": " + what);
  }

  OnnxModel model_;
  const OnnxOptions& options_;
  std::vector<Known> known_;
  std::unordered_map<std::string, int> index_;
  std::map<std::string, const OnnxInfo*> infos_;
  Network draft_;  ///< operators and tensors by node and name, before anything is known
  Network result_;
  std::size_t folded_ = 0;
  std::size_t values_kept_ = 0;
};

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

/// An unnamed dimension goes by "input.0".
std::string key_of(const OnnxInfo& info, std::size_t axis) {
  const auto& symbol = info.shape[axis].symbol;
  return symbol.empty() ? info.name + "." + std::to_string(axis) : symbol;
}

Shape Importer::input_shape(const OnnxInfo& info) const {
  if (!info.fault.empty()) complain("its input '" + info.name + "' " + info.fault);
  Shape shape;
  std::string open;
  std::string remedy;
  for (std::size_t i = 0; i < info.shape.size(); ++i) {
    const auto& dimension = info.shape[i];
    const auto key = key_of(info, i);
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
      if (!info.shape[i].size || *info.shape[i].size <= 0) keys.insert(key_of(info, i));
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

void Importer::declare_given() {
  for (auto& weight : model_.weights) {
    try {
      elements_of(weight.shape);
    } catch (const TooLarge& error) {
      complain("weight '" + weight.name + "' of shape " + text_of(weight.shape) +
               " is not possible: " + error.what());
    }
    declare(std::move(weight), Tensor::Role::weight, -1);
  }
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
  const auto cost = cost_of(*kind, view, present);
  op.macs = cost.macs;
  op.element_operations = cost.element_operations;
  op.reduction_channels = cost.reduction_channels;
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
  constant = kind != nullptr &&
             (constant || node.type == "Shape" || node.type == "Size" || node.type == "EyeLike");
  if (constant && reshapes_weight(view)) constant = false;
  try {
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

/// Outputs that operators compute; the others need no network, and are reported.
std::vector<int> Importer::outputs_reached() {
  std::vector<int> outputs;
  for (const auto& info : model_.outputs) {
    const int tensor = find(info.name);
    if (tensor < 0)
      complain("nothing makes its output '" + info.name + "'; export the model again");
    const auto role = at(known_, tensor).role;
    if (role != Tensor::Role::computed)
      result_.notes.push_back("removed output '" + info.name + "', which is " +
                              (role == Tensor::Role::weight ? "a constant" : "an input itself"));
    else if (std::ranges::find(outputs, tensor) == outputs.end())
      outputs.push_back(tensor);
  }
  if (outputs.empty())
    complain("none of its outputs depends on an operator that runs; there is nothing to run");
  return outputs;
}

void Importer::remove_dead(const std::vector<int>& outputs) {
  std::set<int> needed(outputs.begin(), outputs.end());
  std::vector<bool> kept(result_.operators.size(), false);
  for (std::size_t i = result_.operators.size(); i-- > 0;) {
    const auto& op = result_.operators[i];
    kept[i] = std::ranges::any_of(op.outputs, [&](int t) { return needed.contains(t); });
    if (kept[i]) needed.insert(op.inputs.begin(), op.inputs.end());
  }
  std::vector<Operator> operators;
  std::string removed;
  std::size_t count = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kept[i]) {
      operators.push_back(std::move(result_.operators[i]));
      continue;
    }
    if (++count <= 5) removed += (count > 1 ? ", '" : "'") + result_.operators[i].name + "'";
  }
  result_.operators = std::move(operators);
  if (folded_ > 0) result_.notes.push_back("folded " + counted(folded_, "constant"));
  if (count > 0)
    result_.notes.push_back("removed " + counted(count, "operator") +
                            " reaching no output: " + removed + (count > 5 ? ", ..." : ""));
}

/// Gives tensors their final numbers: inputs first, then as the operators name them.
void Importer::number_tensors(const std::vector<int>& outputs) {
  std::map<int, int> numbers;
  const auto number = [&](int old) {
    if (old < 0) return -1;
    const auto [place, fresh] = numbers.try_emplace(old, static_cast<int>(result_.tensors.size()));
    if (fresh) {
      auto& known = at(known_, old);
      auto& tensor = result_.tensors.emplace_back();
      tensor.name = known.tensor.name;
      tensor.shape = known.tensor.shape;
      tensor.type = known.tensor.type;
      tensor.role = known.role;
      if (known.tensor.integers.size() <= kept_integers) tensor.values = known.tensor.integers;
      tensor.reals = kept(known.tensor);
    }
    return place->second;
  };

  std::set<int> read;
  for (const auto& op : result_.operators) read.insert(op.inputs.begin(), op.inputs.end());
  for (const auto& info : model_.inputs)
    if (const int tensor = find(info.name); read.contains(tensor))
      result_.inputs.push_back(number(tensor));
  for (std::size_t i = 0; i < result_.operators.size(); ++i) {
    for (int& tensor : result_.operators[i].inputs) tensor = number(tensor);
    for (int& tensor : result_.operators[i].outputs) {
      tensor = number(tensor);
      if (tensor >= 0) at(result_.tensors, tensor).producer = static_cast<int>(i);
    }
  }
  for (const int tensor : outputs) result_.outputs.push_back(number(tensor));
}

void Importer::name_operators() {
  std::map<std::string, int> uses;
  std::map<std::string, std::size_t> next;  // per type, so that many names take no longer each
  for (const auto& node : model_.nodes) ++uses[node.name];
  for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
    auto& name = model_.nodes[i].name;
    if (!name.empty() && uses[name] == 1) continue;
    const auto& type = model_.nodes[i].type;
    auto& number = next[type];
    number = std::max(number, i);
    do {
      name = type + "_" + std::to_string(number++);
    } while (uses.contains(name));
    uses[name] = 1;
  }
}

Network Importer::network() {
  if (model_.nodes.empty()) complain("it has no operators; there is nothing to run");
  inline_functions(model_);
  name_operators();
  check_dims();
  for (const auto* list : {&model_.infos, &model_.outputs})
    for (const auto& info : *list) infos_.emplace(info.name, &info);

  declare_given();
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

}  // namespace

Network network_of(OnnxModel model, const OnnxOptions& options) {
  return Importer(std::move(model), options).network();
}

Network read_onnx(const std::filesystem::path& file, const OnnxOptions& options) {
  return network_of(parse_onnx(file), options);
}

}  // namespace models
