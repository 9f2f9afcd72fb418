// The part of Importer that names, removes and numbers.
#include <algorithm>
#include <set>

#include "models/network/onnx_importer.h"

namespace models {
namespace {

/// Longest constants kept in the network after folding. Reals are kept for scales of Resize and
/// the like, not for biases.
constexpr std::size_t kept_integers = 1024;
constexpr std::size_t kept_reals = 8;
/// "1 constant", "2 constants".
std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
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

}  // namespace

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

/// The final number of a tensor, which it gets when it is first asked for.
int Importer::number(int old) {
  if (old < 0) return -1;
  int& result = at(numbers_, old);
  if (result >= 0) return result;
  result = static_cast<int>(result_.tensors.size());
  auto& known = at(known_, old);
  auto& tensor = result_.tensors.emplace_back();
  tensor.name = known.tensor.name;
  tensor.shape = known.tensor.shape;
  tensor.type = known.tensor.type;
  tensor.role = known.role;
  // Values of other tensors were only seen for the shapes they lead to.
  const bool constant = !all_ || known.role == Tensor::Role::weight;
  if (constant && known.tensor.integers.size() <= kept_integers)
    tensor.values = known.tensor.integers;
  if (constant) tensor.reals = kept(known.tensor);
  if (!all_) return result;
  values_.push_back(constant ? std::move(known.tensor.value) : TensorValue{});
  if (constant && !values_.back()) unknown_.push_back(result);
  return result;
}

/// Gives tensors their final numbers: inputs first, then as the operators name them.
void Importer::number_tensors(const std::vector<int>& outputs) {
  numbers_.assign(known_.size(), -1);
  std::set<int> read;
  for (const auto& op : result_.operators) read.insert(op.inputs.begin(), op.inputs.end());
  for (const auto& info : model_.inputs)
    if (const int tensor = find(info.name); all_ || read.contains(tensor))
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

}  // namespace models
