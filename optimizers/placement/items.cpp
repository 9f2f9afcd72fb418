#include "optimizers/placement/items.h"

#include <algorithm>

#include "models/index.h"

namespace optimizers {
namespace {

using models::at;
using models::PlacementProblem;

/// Strongly connected parts of the graph of colour classes (Tarjan 1972), without recursion.
class Components {
 public:
  explicit Components(const PlacementProblem& problem)
      : readers_(at(problem.groups())),
        component_(at(problem.groups()), -1),
        number_(at(problem.groups()), -1),
        low_(at(problem.groups())) {
    const bool latency = problem.objective == PlacementProblem::Objective::latency;
    const auto counts = [&](int n) { return latency || !at(problem.nodes, n).backward; };
    for (int n = 0; n < problem.size(); ++n) {
      for (const int reader : problem.readers(n))
        if (counts(n) && counts(reader))
          at(readers_, at(problem.group_of, n)).push_back(at(problem.group_of, reader));
    }
    for (int g = 0; g < problem.groups(); ++g)
      if (at(number_, g) < 0) visit(g);
  }
  /// [group] numbered so that readers have smaller numbers.
  const std::vector<int>& of_group() const { return component_; }
  int count() const { return count_; }

 private:
  struct Frame {
    int group;
    std::size_t next = 0;
  };

  void visit(int root) {
    enter(root);
    while (!frames_.empty()) {
      auto& [group, next] = frames_.back();
      if (next < at(readers_, group).size()) {
        const int reader = at(readers_, group)[next++];
        if (at(number_, reader) < 0)
          enter(reader);
        else if (at(component_, reader) < 0)
          at(low_, group) = std::min(at(low_, group), at(number_, reader));
      } else {
        leave();
      }
    }
  }
  void enter(int group) {
    at(number_, group) = at(low_, group) = entered_++;
    open_.push_back(group);
    frames_.push_back({group});
  }
  void leave() {
    const int group = frames_.back().group;
    frames_.pop_back();
    if (!frames_.empty())
      at(low_, frames_.back().group) = std::min(at(low_, frames_.back().group), at(low_, group));
    if (at(low_, group) < at(number_, group)) return;
    while (at(component_, group) < 0) {
      at(component_, open_.back()) = count_;
      open_.pop_back();
    }
    ++count_;
  }

  std::vector<std::vector<int>> readers_;
  std::vector<int> component_, number_, low_, open_;
  std::vector<Frame> frames_;
  int entered_ = 0, count_ = 0;
};

void add(const PlacementProblem& problem, PlacementItem& item, int node) {
  item.nodes.push_back(node);
  item.size += at(problem.nodes, node).size;
  item.on_accelerator = item.on_accelerator && at(problem.nodes, node).on_accelerator;
}

}  // namespace

std::vector<PlacementItem> placement_items(const PlacementProblem& problem, bool groups_only) {
  std::vector<int> item_of_group(at(problem.groups()), -1);
  std::vector<PlacementItem> items;
  if (groups_only) {
    for (const int n : problem.sorted) {
      auto& item = at(item_of_group, at(problem.group_of, n));
      if (item >= 0) continue;
      item = static_cast<int>(items.size());
      items.emplace_back();
    }
  } else {
    const Components components(problem);
    items.resize(at(components.count()));
    for (int g = 0; g < problem.groups(); ++g)
      at(item_of_group, g) = components.count() - 1 - at(components.of_group(), g);
  }
  for (int n = 0; n < problem.size(); ++n)
    add(problem, at(items, at(item_of_group, at(problem.group_of, n))), n);
  return items;
}

}  // namespace optimizers
