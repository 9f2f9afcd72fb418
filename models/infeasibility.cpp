#include <algorithm>
#include <string>
#include <vector>

#include "models/index.h"
#include "models/task_graph.h"

namespace models {
namespace {

struct Item {
  std::int64_t bytes = 0;
  std::string name;
};

/// The largest things that a device holds: weights by operator, results by tensor.
std::vector<Item> largest(const TaskGraph& graph, const Plan& plan, int device, std::size_t most) {
  const auto& problem = graph.problem();
  std::vector<Item> items;
  for (std::size_t o = 0; o < plan.device.size(); ++o)
    if (plan.device[o] == device)
      items.push_back({problem.weight_bytes[o * at(problem.compute_formats) + plan.precision[o]],
                       "weights of '" + problem.operator_name(static_cast<int>(o)) + "'"});
  for (const auto& task : graph.tasks()) {
    const bool sent = task.kind == TaskGraph::Kind::transfer;
    if ((sent ? task.target : task.device) != device) continue;
    const auto add = [&](int tensor) {
      items.push_back({problem.bytes[at(tensor) * at(problem.formats) + task.to],
                       "tensor '" + problem.tensor_name(tensor) + "'"});
    };
    if (task.kind == TaskGraph::Kind::compute)
      for (auto t = problem.output_begin[at(task.subject)];
           t < problem.output_begin[at(task.subject) + 1]; ++t)
        add(t);
    else
      add(task.subject);
  }
  std::ranges::stable_sort(items, std::ranges::greater{}, &Item::bytes);
  items.resize(std::min(items.size(), most));
  return items;
}

std::string unsupported(const TaskGraph& graph) {
  const auto& problem = graph.problem();
  const auto& fault = graph.totals().fault;
  const auto format = name_of(problem.format[fault.format]);
  const auto& device = problem.device_name(fault.device);
  if (fault.of_operator)
    return "operator '" + problem.operator_name(fault.subject) + "' cannot run on device '" +
           device + "' in " + format;
  return "device '" + device + "' cannot convert tensor '" + problem.tensor_name(fault.subject) +
         "' from or to " + format + ", which it does not support";
}

}  // namespace

std::string infeasibility(const TaskGraph& graph, const Plan& plan) {
  if (graph.totals().fault.found) return unsupported(graph);
  const auto& problem = graph.problem();
  for (int d = 0; d < problem.devices; ++d) {
    const auto& load = graph.totals().devices[at(d)];
    const auto over = load.weights + load.per_request - problem.capacity[at(d)];
    if (over <= 0) continue;
    std::string text = "device '" + problem.device_name(d) + "' lacks " + pretty(Bytes{over}) +
                       " of memory: it has " + pretty(Bytes{problem.capacity[at(d)]}) +
                       " for weights of " + pretty(Bytes{load.weights}) + " and " +
                       pretty(Bytes{load.per_request}) + " per request; largest:";
    for (const auto& item : largest(graph, plan, d, 3))
      text += (text.ends_with(':') ? " " : ", ") + item.name + " " + pretty(Bytes{item.bytes});
    return text;
  }
  return {};
}

}  // namespace models
