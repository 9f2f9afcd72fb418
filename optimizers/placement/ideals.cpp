#include <algorithm>
#include <limits>
#include <optional>

#include "models/error.h"
#include "models/index.h"
#include "optimizers/placement/chain_cuts.h"
#include "optimizers/placement/division.h"
#include "optimizers/placement/incumbent.h"
#include "optimizers/placement/items.h"
#include "optimizers/placement/lattice.h"
#include "optimizers/placement/reduction.h"
#include "optimizers/placement/solvers.h"

namespace optimizers {
namespace {

using models::at;
using models::PlacementProblem;
using models::Time;
using Amount = Division::Amount;

constexpr Amount never = std::numeric_limits<Amount>::max();

/// What is decided about a problem where only values within a limit count: items in an order of the
/// forward graph, each wholly on one device.
struct Order {
  Division division;  ///< of items, with no more devices than can be of use
  std::vector<int> item_of_group;
  std::vector<std::vector<int>> makers;  ///< [item] by forward edges
  std::int64_t cuts = 0;                 ///< minimum cuts it took
  bool impossible = false;
};

/// Puts classes together that are always together, and whatever lies between them.
Order order_of(const PlacementProblem& problem, Amount limit, const std::function<bool()>& stop,
               const std::function<bool()>& halt,
               std::int64_t most_cuts = std::numeric_limits<std::int64_t>::max()) {
  ReductionTask task{limit, false, std::vector<bool>(at(problem.groups()), true),
                     stop,  halt,  most_cuts};
  for (int n = 0; n < problem.size(); ++n)
    if (!at(problem.nodes, n).backward) task.movable[at(at(problem.group_of, n))] = false;
  const auto reduction = reduced(division_of(problem), task);
  auto merged = problem;
  const int parts = reduction.division.size();
  std::vector<std::vector<int>> members(at(parts));
  for (int n = 0; n < problem.size(); ++n) {
    at(merged.group_of, n) = at(reduction.part_of, at(problem.group_of, n));
    at(members, at(merged.group_of, n)).push_back(n);
  }
  merged.group_begin = {0};
  merged.group_node.clear();
  for (const auto& nodes : members) {
    merged.group_node.insert(merged.group_node.end(), nodes.begin(), nodes.end());
    merged.group_begin.push_back(static_cast<int>(merged.group_node.size()));
  }
  const auto items = placement_items(merged, false);
  Order order;
  std::vector<int> item_of_part(at(parts));
  order.item_of_group.resize(at(problem.groups()));
  for (std::size_t i = 0; i < items.size(); ++i)
    for (const int node : items[i].nodes) {
      at(item_of_part, at(merged.group_of, node)) = static_cast<int>(i);
      at(order.item_of_group, at(problem.group_of, node)) = static_cast<int>(i);
    }
  order.impossible = reduction.impossible;
  order.cuts = reduction.cuts;
  order.division = contracted(reduction.division, item_of_part, static_cast<int>(items.size()));
  keep_useful_devices(order.division, limit);
  order.makers.resize(items.size());
  for (int n = 0; n < problem.size(); ++n)
    for (const int reader : problem.readers(n)) {
      if (at(problem.nodes, n).backward || at(problem.nodes, reader).backward) continue;
      const int from = at(order.item_of_group, at(problem.group_of, n));
      const int to = at(order.item_of_group, at(problem.group_of, reader));
      if (from != to) at(order.makers, to).push_back(from);
    }
  for (auto& makers : order.makers) {
    std::sort(makers.begin(), makers.end());
    makers.erase(std::unique(makers.begin(), makers.end()), makers.end());
  }
  return order;
}

Amount limit_of(const PlacementAnswer& answer) {
  return answer.found() ? answer.value.count() - 1 : never / 4;
}

std::string too_many(const Order& order) {
  const auto most = most_down_sets(order.division);
  const auto text = "its forward graph has more than " + std::to_string(most) + " down-sets";
  if (most == most_down_sets({})) return text + "; take 'annealing' with --contiguous";
  const auto& division = order.division;
  return text +
         ", for which it would need more than 4 GB of memory: each takes a bit for each of " +
         std::to_string(division.size()) + " items, and " + std::to_string(states_of(division)) +
         " states for up to " + std::to_string(division.accelerators) + " accelerators and " +
         std::to_string(division.cpus) +
         " CPUs used; take fewer devices (--devices, --cpus), or 'annealing' with --contiguous";
}

/// By what the task brings along: what solve() knows is no worse, so that it has no more down-sets.
std::string refusal(const PlacementTask& task) {
  if (task.problem.objective != PlacementProblem::Objective::throughput)
    return "it is for throughput only";
  PlacementTask quick{task.problem};
  quick.contiguous = true;
  quick.start = task.start;
  quick.stop = task.stop;
  const auto order =
      order_of(task.problem, limit_of(placement_greedy_entry().solve(quick)), task.stop, task.halt);
  if (order.impossible || task.stop()) return {};
  bool stopped = false;
  const auto stop = [&] { return stopped = stopped || task.stop(); };
  const auto most = most_down_sets(order.division);
  return !Lattice::make(order.makers, most, stop) && !stopped ? too_many(order) : std::string();
}

/// What a free search starts from need not be contiguous, and may be better than all that is.
void take_start(const PlacementTask& task, PlacementAnswer& answer) {
  for (const auto& start : task.start) {
    const auto score = models::evaluate(task.problem, start);
    if (!score.valid || score.value >= answer.value) continue;
    answer.placement = start;
    answer.value = score.value;
  }
}

/// Dynamic programming over all that is below the limit; says nothing if it was cut short.
void try_all(const PlacementTask& task, const Order& order, Amount limit, Incumbent& incumbent) {
  const auto left = [&] { return task.budget - incumbent.answer().effort; };
  bool stopped = false;
  const auto stop = [&] { return stopped = stopped || task.stop(); };
  const auto most = std::min(most_down_sets(order.division), static_cast<std::size_t>(left()));
  const auto lattice = Lattice::make(order.makers, most, stop);
  if (!lattice && !stopped && most == most_down_sets(order.division))
    throw models::InputError("'contiguous' does not take this problem: " + too_many(order));
  incumbent.count(lattice ? lattice->size() : stopped ? 0 : static_cast<std::int64_t>(most));
  if (!lattice || left() <= 0) return;
  ChainCuts cuts(order.division, *lattice, limit);
  const bool finished = cuts.run(stop, left() - 1);
  incumbent.count(cuts.effort());
  if (!finished) return;
  if (cuts.value() <= limit) {
    const auto devices = cuts.devices();
    std::vector<int> of_group;
    for (const int item : order.item_of_group) {
      const int device = at(devices, item);
      const bool cpu = device >= order.division.accelerators;
      of_group.push_back(cpu ? device - order.division.accelerators + task.problem.accelerators
                             : device);
    }
    incumbent.offer(placement_of(task.problem, of_group));
  }
  incumbent.prove("all down-sets");
}

PlacementAnswer solve_placement(const PlacementTask& task) {
  PlacementTask contiguous = task;
  contiguous.contiguous = true;
  if (!task.contiguous) {
    // The optimum of contiguous placements says nothing of the others.
    contiguous.improved = [&task,
                           told = models::Time::max()](const PlacementAnswer& found) mutable {
      if (!found.found() || found.value >= told) return;
      told = found.value;
      auto answer = found;
      answer.lower_bound = task.known_bound;
      answer.bound = "none";
      task.improved(answer);
    };
  }
  Incumbent incumbent(contiguous);
  incumbent.start();
  const auto& answer = incumbent.answer();
  if (!answer.is_proven() && answer.effort < task.budget && !task.stop()) {
    const auto limit = limit_of(answer);
    const auto order =
        order_of(task.problem, limit, task.stop, task.halt, task.budget - answer.effort);
    incumbent.count(order.cuts);
    if (order.impossible) {
      incumbent.prove("minimum cuts");
    } else if (!task.stop() && answer.effort < task.budget) {
      try_all(task, order, limit, incumbent);
    }
  }
  auto result = answer;
  if (!task.contiguous) {
    const auto bound = task.bounded ? PlacementBound{} : placement_bound(task.problem, task.halt);
    const bool better = bound.value > task.known_bound;
    result.lower_bound = better ? bound.value : task.known_bound;
    result.bound = better ? bound.name : "known before";
    take_start(task, result);
  }
  return result;
}

}  // namespace

PlacementEntry placement_ideals_entry() {
  return {"contiguous",
          "dynamic programming over down-sets of the forward graph: the best contiguous placement, "
          "proven",
          refusal, solve_placement};
}

}  // namespace optimizers
