#include "models/network/network.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <set>
#include <tuple>

#include "models/error.h"
#include "models/network/graph.h"
#include "models/network/shape.h"

namespace models {
namespace {

/// Names the operators of one cycle among those that no topological order reached.
std::string cycle_among(const Network& network, const Graph& graph,
                        const std::vector<bool>& placed) {
  std::vector<int> path;
  std::vector<int> seen(placed.size(), -1);
  auto vertex = static_cast<std::size_t>(std::ranges::find(placed, false) - placed.begin());
  while (seen[vertex] < 0) {
    seen[vertex] = static_cast<int>(path.size());
    path.push_back(static_cast<int>(vertex));
    const auto [first, last] = boost::in_edges(vertex, graph);
    const auto back =
        std::find_if(first, last, [&](auto edge) { return !placed[boost::source(edge, graph)]; });
    vertex = boost::source(*back, graph);
  }
  // The path was walked from readers to makers; a person reads it from makers to readers.
  const auto& operators = network.operators;
  std::string text = "'" + operators[vertex].name + "'";
  int named = 0;
  for (std::size_t i = path.size(); i-- > static_cast<std::size_t>(seen[vertex]);) {
    const bool last = i == static_cast<std::size_t>(seen[vertex]);
    if (++named < 10 || last) text += " -> '" + at(operators, path[i]).name + "'";
    if (named == 10 && !last) text += " -> ...";
  }
  return text;
}

[[noreturn]] void complain(const Network& network, const std::string& what) {
  throw InputError("network '" + network.name + "': " + what);
}

void check_index(const Network& network, const Operator& op, int tensor) {
  if (tensor < -1 || tensor >= static_cast<int>(network.tensors.size()))
    complain(network, "operator '" + op.name + "' names tensor " + std::to_string(tensor) +
                          ", of which there are " + std::to_string(network.tensors.size()));
}

void check_tensors(const Network& network) {
  std::set<std::string_view> names;
  for (const auto& tensor : network.tensors) {
    if (!names.insert(tensor.name).second)
      complain(network, "two tensors are named '" + tensor.name + "'; rename one");
    if (std::ranges::any_of(tensor.shape, [](auto size) { return size < 0; }))
      complain(network, "tensor '" + tensor.name + "' has a negative dimension");
    const bool made = tensor.producer >= 0;
    if (made != (tensor.role == Tensor::Role::computed))
      complain(network, "tensor '" + tensor.name + "' is " +
                            (made ? "both made by an operator and given"
                                  : "made by no operator, and is neither input nor weight"));
    try {
      elements_of(tensor.shape);
    } catch (const TooLarge&) {
      complain(network, "tensor '" + tensor.name + "' is too large to count");
    }
  }
}

void check_operators(const Network& network) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < network.operators.size(); ++i) {
    const auto& op = network.operators[i];
    if (!names.insert(op.name).second)
      complain(network, "two operators are named '" + op.name + "'; rename one");
    if (op.macs < 0 || op.element_operations < 0)
      complain(network, "operator '" + op.name + "' has a negative cost");
    for (const int tensor : op.inputs) check_index(network, op, tensor);
    for (const int tensor : op.outputs) {
      check_index(network, op, tensor);
      if (tensor >= 0 && at(network.tensors, tensor).producer != static_cast<int>(i))
        complain(network, "operator '" + op.name + "' makes tensor '" +
                              at(network.tensors, tensor).name + "', which something else makes");
    }
  }
  for (const auto& tensor : network.tensors) {
    if (tensor.producer < 0) continue;
    if (tensor.producer >= static_cast<int>(network.operators.size()))
      complain(network, "tensor '" + tensor.name + "' is made by an operator that does not exist");
    const auto& made = at(network.operators, tensor.producer).outputs;
    const auto index = static_cast<int>(&tensor - network.tensors.data());
    if (std::ranges::find(made, index) == made.end())
      complain(network, "tensor '" + tensor.name +
                            "' is not an output of the operator said to "
                            "make it");
  }
}

void check_borders(const Network& network) {
  const auto inside = [&](int tensor) {
    return tensor >= 0 && tensor < static_cast<int>(network.tensors.size());
  };
  for (const int tensor : network.inputs)
    if (!inside(tensor) || at(network.tensors, tensor).role != Tensor::Role::input)
      complain(network, "an input is no tensor with the role of an input");
  for (const int tensor : network.outputs) {
    if (!inside(tensor)) complain(network, "an output is no tensor");
    if (at(network.tensors, tensor).producer < 0)
      complain(network, "nothing makes its output '" + at(network.tensors, tensor).name + "'");
  }
}

}  // namespace

bool is_real(ElementType type) {
  return type == ElementType::float32 || type == ElementType::float64 ||
         type == ElementType::float16 || type == ElementType::bfloat16;
}

int bits_of(ElementType type) {
  switch (type) {
    case ElementType::float64:
    case ElementType::int64:
    case ElementType::uint64:
      return 64;
    case ElementType::float32:
    case ElementType::int32:
    case ElementType::uint32:
      return 32;
    case ElementType::float16:
    case ElementType::bfloat16:
    case ElementType::int16:
    case ElementType::uint16:
      return 16;
    case ElementType::int8:
    case ElementType::uint8:
    case ElementType::boolean:
      return 8;
  }
  return 0;
}

std::int64_t Tensor::elements() const {
  return elements_of(shape);
}

Graph graph_of(const Network& network) {
  Graph graph(network.operators.size());
  for (std::size_t reader = 0; reader < network.operators.size(); ++reader) {
    const auto& inputs = network.operators[reader].inputs;
    for (const int tensor : std::set<int>(inputs.begin(), inputs.end())) {
      const int maker = tensor < 0 ? -1 : at(network.tensors, tensor).producer;
      if (maker >= 0)
        boost::add_edge(static_cast<std::size_t>(maker), reader, GraphEdge{tensor}, graph);
    }
  }
  return graph;
}

std::vector<int> Network::topological_order() const {
  const Graph net = graph_of(*this);
  std::vector<std::size_t> waiting(operators.size());
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < operators.size(); ++i) {
    waiting[i] = boost::in_degree(i, net);
    if (waiting[i] == 0) ready.push(i);
  }

  std::vector<int> order;
  std::vector<bool> placed(operators.size(), false);
  while (!ready.empty()) {
    const auto next = ready.top();
    ready.pop();
    order.push_back(static_cast<int>(next));
    placed[next] = true;
    const auto [first, last] = boost::out_edges(next, net);
    for (auto edge = first; edge != last; ++edge)
      if (--waiting[boost::target(*edge, net)] == 0) ready.push(boost::target(*edge, net));
  }

  if (order.size() < operators.size())
    complain(*this, "its operators form a cycle: " + cycle_among(*this, net, placed) +
                        "; a network must be free of cycles (unroll loops before exporting)");
  return order;
}

std::vector<std::vector<int>> Network::readers() const {
  std::vector<std::vector<int>> result(tensors.size());
  for (std::size_t i = 0; i < operators.size(); ++i)
    for (const int tensor : operators[i].inputs) {
      if (tensor < 0) continue;
      auto& list = at(result, tensor);
      if (list.empty() || list.back() != static_cast<int>(i)) list.push_back(static_cast<int>(i));
    }
  return result;
}

std::int64_t Network::macs() const {
  std::int64_t sum = 0;
  for (const auto& op : operators) sum = plus(sum, op.macs);
  return sum;
}

std::int64_t Network::parameters() const {
  std::int64_t sum = 0;
  for (const auto& tensor : tensors)
    if (tensor.role == Tensor::Role::weight && is_real(tensor.type))
      sum = plus(sum, tensor.elements());
  return sum;
}

void Network::check() const {
  if (operators.empty()) complain(*this, "it has no operators; there is nothing to run");
  if (outputs.empty()) complain(*this, "it has no outputs; mark at least one tensor as output");
  check_tensors(*this);
  check_operators(*this);
  check_borders(*this);
  const auto order = topological_order();
  if (!std::ranges::is_sorted(order)) complain(*this, "its operators are not in topological order");
  try {
    std::int64_t total = 0;
    for (const auto& op : operators) total = plus(total, plus(op.macs, op.element_operations));
    for (const auto& tensor : tensors) total = plus(total, tensor.elements());
  } catch (const TooLarge&) {
    complain(*this, "its operations and elements together are too many to count");
  }
}

bool operator==(const Network& a, const Network& b) {
  return std::tie(a.name, a.opset, a.batch, a.operators, a.tensors, a.inputs, a.outputs) ==
         std::tie(b.name, b.opset, b.batch, b.operators, b.tensors, b.inputs, b.outputs);
}

std::string not_costed(const Network& network) {
  struct Kind {
    std::string type, reason;
    int count = 0;
  };
  std::vector<Kind> kinds;
  for (const auto& op : network.operators) {
    if (op.costing != Costing::not_costed) continue;
    auto kind = std::ranges::find(kinds, op.type, &Kind::type);
    if (kind == kinds.end()) kind = kinds.insert(kinds.end(), Kind{op.type, op.reason, 0});
    ++kind->count;
  }
  std::string text;
  for (const auto& kind : kinds)
    text += (text.empty() ? "" : "\n") + kind.type + " (" + std::to_string(kind.count) +
            "): " + kind.reason;
  return text;
}

}  // namespace models
