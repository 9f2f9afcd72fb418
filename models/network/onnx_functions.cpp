#include <utility>

#include "models/error.h"
#include "models/network/node_view.h"
#include "models/network/onnx_model.h"

namespace models {
namespace {

constexpr int deepest_call = 32;
/// Most that calls may unfold to, in names and values: a small file can call for more than fits.
constexpr std::size_t most_unfolded = 4'000'000;

std::size_t size_of(const OnnxNode& node) {
  std::size_t size = 1 + node.inputs.size() + node.outputs.size() + node.captures.size();
  for (const auto& [name, tensor] : node.tensors)
    size += tensor.integers.size() + tensor.reals.size();
  for (const auto& [name, value] : node.attributes)
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) size += list->size();
  return size;
}

/// Calls replaced by what they call, tensors renamed so that every call has its own.
class Inliner {
 public:
  explicit Inliner(const OnnxModel& model) : model_(model) {
    for (const auto& function : model.functions)
      functions_[{function.type, function.overload}] = &function;
  }

  std::vector<OnnxNode> nodes() {
    for (const auto& node : model_.nodes) add(node, 0);
    return std::move(nodes_);
  }

 private:
  using Names = std::map<std::string, std::string>;

  void add(const OnnxNode& node, int depth) {
    unfolded_ += size_of(node);
    const auto function = functions_.find({node.type, node.overload});
    if (depth > deepest_call || unfolded_ > most_unfolded)
      throw InputError(message(model_.source, node,
                               "functions call each other without end; export the model again"));
    if (function == functions_.end())
      nodes_.push_back(node);
    else
      call(node, *function->second, depth);
  }

  void call(const OnnxNode& caller, const OnnxFunction& function, int depth) {
    const std::string prefix = function.type + "_" + std::to_string(calls_++) + "/";
    Names names = {{"", ""}};
    for (std::size_t i = 0; i < function.inputs.size(); ++i)
      names[function.inputs[i]] = i < caller.inputs.size() ? caller.inputs[i] : "";
    for (std::size_t i = 0; i < function.outputs.size() && i < caller.outputs.size(); ++i)
      if (!caller.outputs[i].empty()) names[function.outputs[i]] = caller.outputs[i];
    const auto renamed = [&](std::vector<std::string>& list) {
      for (auto& name : list) name = names.try_emplace(name, prefix + name).first->second;
    };
    for (OnnxNode node : function.nodes) {
      if (!node.name.empty()) node.name = prefix + node.name;
      renamed(node.inputs);
      renamed(node.outputs);
      renamed(node.captures);
      give_attributes(node, caller, function.defaults);
      add(node, depth + 1);
    }
  }

  /// What the caller gives, else the function's standard; else the operator's own standard holds.
  static void give_attributes(OnnxNode& node, const OnnxNode& caller, const OnnxNode& standards) {
    for (const auto& [name, parameter] : std::exchange(node.references, {})) {
      if (const auto passed = caller.references.find(parameter); passed != caller.references.end())
        node.references[name] = passed->second;
      const bool given =
          caller.attributes.contains(parameter) || caller.tensors.contains(parameter);
      const auto& from = given ? caller : standards;
      if (const auto value = from.attributes.find(parameter); value != from.attributes.end())
        give(node, name, value->second);
      if (const auto value = from.tensors.find(parameter); value != from.tensors.end())
        node.tensors[name] = value->second;
    }
  }

  static void give(OnnxNode& node, const std::string& name, const Attribute& value) {
    auto constant = node.type == "Constant" ? constant_of(name, value) : OnnxTensor{};
    if (constant.value)
      node.tensors["value"] = std::move(constant);
    else
      node.attributes[name] = value;
  }

  const OnnxModel& model_;
  std::map<std::pair<std::string, std::string>, const OnnxFunction*> functions_;
  std::vector<OnnxNode> nodes_;
  std::size_t calls_ = 0;
  std::size_t unfolded_ = 0;
};

}  // namespace

void inline_functions(OnnxModel& model) {
  if (model.functions.empty()) return;
  model.nodes = Inliner(model).nodes();
  model.functions.clear();
}

}  // namespace models
