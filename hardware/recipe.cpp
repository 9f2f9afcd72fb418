#include "hardware/recipe.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "models/error.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::at;
using models::Network;
using models::Precision;
using models::Tensor;

/// What is not of float32 takes no part in conversions: it has this one.
constexpr auto fixed = Precision::fp32;

/// Adds tasks, and finds instances by tensor, place and format.
class Writer {
 public:
  explicit Writer(const Network& network)
      : network_(network), constant_(constant_operators(network)) {
    for (const int tensor : network.inputs) recipe_.inputs.push_back(add(tensor, 0, fixed));
  }

  bool is_constant(int op) const { return constant_[at(op)]; }
  /// Made anew by every run: neither a weight nor made by a constant operator.
  bool moves(int tensor) const {
    if (tensor < 0) return false;
    const auto& it = at(network_.tensors, tensor);
    return it.role == Tensor::Role::input || (it.producer >= 0 && !constant_[at(it.producer)]);
  }
  Precision stored(int tensor, Precision format) const {
    return at(network_.tensors, tensor).type == models::ElementType::float32 ? format : fixed;
  }

  int add(int tensor, int place, Precision format) {
    format = stored(tensor, format);
    const auto [found, fresh] = places_.try_emplace({tensor, place, format}, next());
    if (fresh) recipe_.instances.push_back({tensor, format});
    return found->second;
  }
  /// The same instance is now elsewhere too.
  void send(int tensor, int from, int to, Precision format) {
    const int sent = find(tensor, from, format);
    at(recipe_.instances, sent).sent = true;
    places_[{tensor, to, stored(tensor, format)}] = sent;
  }
  int find(int tensor, int place, Precision format) const {
    const auto found = places_.find({tensor, place, stored(tensor, format)});
    return found == places_.end() ? -1 : found->second;
  }

  void compute(int op, int place, Precision precision) {
    Recipe::Task task{op, precision, {}, {}};
    for (const int tensor : at(network_.operators, op).inputs)
      task.inputs.push_back(moves(tensor) ? find(tensor, place, precision) : -1);
    for (const int tensor : at(network_.operators, op).outputs)
      task.outputs.push_back(tensor < 0 ? -1 : add(tensor, place, precision));
    recipe_.tasks.push_back(std::move(task));
  }
  void convert(int tensor, int place, Precision from, Precision to) {
    if (stored(tensor, to) == stored(tensor, from)) return;
    const int read = find(tensor, place, from);
    recipe_.tasks.push_back({-1, to, {read}, {add(tensor, place, to)}});
  }
  /// From what their makers made.
  void convert_inputs(int op, const std::vector<Precision>& precisions) {
    const auto precision = at(precisions, op);
    for (const int tensor : at(network_.operators, op).inputs) {
      if (!moves(tensor) || find(tensor, 0, precision) >= 0) continue;
      const int maker = at(network_.tensors, tensor).producer;
      convert(tensor, 0, maker < 0 ? fixed : at(precisions, maker), precision);
    }
  }
  void put_out(int instance) { recipe_.outputs.push_back(instance); }
  Recipe recipe() { return std::move(recipe_); }

 private:
  int next() const { return static_cast<int>(recipe_.instances.size()); }

  const Network& network_;
  std::vector<bool> constant_;
  Recipe recipe_;
  std::map<std::tuple<int, int, Precision>, int> places_;
};

/// Numbers of the folded network's operators and tensors in the whole one.
struct Numbers {
  std::map<std::string, int> operators, tensors;

  explicit Numbers(const Network& network) {
    for (std::size_t i = 0; i < network.operators.size(); ++i)
      operators[network.operators[i].name] = static_cast<int>(i);
    for (std::size_t i = 0; i < network.tensors.size(); ++i)
      tensors[network.tensors[i].name] = static_cast<int>(i);
  }
  static int find(const std::map<std::string, int>& names, const std::string& name) {
    const auto found = names.find(name);
    if (found == names.end())
      throw models::InputError("the plan's network has '" + name +
                               "', which this network does not have; make the plan again");
    return found->second;
  }
};

}  // namespace

std::vector<bool> constant_operators(const Network& network) {
  std::vector<bool> constant;
  for (const auto& op : network.operators) {
    const bool reads_shape = op.type == "Shape" || op.type == "Size" || op.type == "EyeLike";
    constant.push_back(reads_shape || std::ranges::all_of(op.inputs, [&](int tensor) {
                         if (tensor < 0) return true;
                         const auto& it = at(network.tensors, tensor);
                         return it.role == Tensor::Role::weight ||
                                (it.producer >= 0 && constant[at(it.producer)]);
                       }));
  }
  return constant;
}

Recipe recipe_of(const Network& network, const std::vector<Precision>& precisions) {
  Writer writer(network);
  for (int op = 0; op < static_cast<int>(network.operators.size()); ++op) {
    if (writer.is_constant(op)) continue;
    writer.convert_inputs(op, precisions);
    writer.compute(op, 0, at(precisions, op));
  }
  for (const int tensor : network.outputs) {
    const int maker = at(network.tensors, tensor).producer;
    const auto made_in = maker < 0 ? fixed : at(precisions, maker);
    writer.put_out(writer.moves(tensor) ? writer.find(tensor, 0, made_in) : -1);
  }
  return writer.recipe();
}

Recipe uniform_recipe(const Network& network, Precision precision) {
  return recipe_of(network, std::vector(network.operators.size(), precision));
}

Recipe recipe_of(const Network& network, const models::TaskGraph& graph) {
  using Kind = models::TaskGraph::Kind;
  const auto& problem = graph.problem();
  const Numbers numbers(network);
  const auto tensor_of = [&](int tensor) {
    return Numbers::find(numbers.tensors, problem.tensor_name(tensor));
  };
  const auto format_of = [&](int format) { return at(problem.format, format); };

  Writer writer(network);
  const int source = graph.stream().source, sink = graph.stream().sink;
  for (const int tensor : network.inputs)
    if (source != 0) writer.send(tensor, 0, source, fixed);
  // What the sink takes: as it last came there or was converted for it.
  std::map<int, Precision> taken;
  for (const auto& task : graph.tasks()) {
    if (task.kind == Kind::compute) {
      const int op = Numbers::find(numbers.operators, problem.operator_name(task.subject));
      const auto precision = format_of(task.to);
      if (!writer.is_constant(op)) writer.compute(op, task.device, precision);
      for (const int tensor : at(network.operators, op).outputs)
        if (tensor >= 0) taken.try_emplace(tensor, precision);
    } else if (const int tensor = tensor_of(task.subject); writer.moves(tensor)) {
      if (task.kind == Kind::convert)
        writer.convert(tensor, task.device, format_of(task.from), format_of(task.to));
      else
        writer.send(tensor, task.device, task.target, format_of(task.to));
      if (task.kind == Kind::transfer && task.target == sink) taken[tensor] = format_of(task.to);
    }
  }
  for (const int tensor : network.outputs) {
    int made = -1;
    if (writer.moves(tensor)) {
      const auto format = taken.contains(tensor) ? taken[tensor] : fixed;
      for (int d = 0; d < problem.devices && made < 0; ++d)
        made = writer.find(tensor, (sink + d) % problem.devices, format);
    }
    writer.put_out(made);
  }
  return writer.recipe();
}

}  // namespace hardware
