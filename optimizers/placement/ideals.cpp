#include <algorithm>
#include <limits>
#include <optional>

#include "models/error.h"
#include "models/index.h"
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

constexpr std::size_t most_ideals = 500'000;
constexpr Amount never = std::numeric_limits<Amount>::max();

/// What is decided about a problem where only values within a limit count: items in an order of the
/// forward graph, each wholly on one device.
struct Order {
  Division division;  ///< of items
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

/// Loads of all sets that a device can take next, and the best way to every down-set with so many
/// accelerators and CPUs used.
class Cuts {
 public:
  Cuts(const Order& order, const Lattice& lattice, Amount limit)
      : division_(order.division),
        lattice_(lattice),
        limit_(limit),
        states_(at((std::int64_t{division_.accelerators} + 1) * (division_.cpus + 1))),
        best_(at(lattice.size()) * states_, never),
        from_(best_.size(), -1),
        seen_(at(lattice.size()), -1),
        sets_(at(lattice.size())) {
    for (std::size_t s = 0; s < states_; ++s) best_[s] = 0;
  }

  /// False if it was stopped, or would have to look at more sets than `budget`.
  bool run(const std::function<bool()>& stop, std::int64_t budget) {
    budget_ = budget;
    for (int ideal = 0; ideal < lattice_.size(); ++ideal) {
      if (effort_ >= budget_ || (ideal % 16 == 0 && stop())) return false;
      if (best(ideal, states_ - 1) <= limit_) spread(ideal, stop);
    }
    return effort_ < budget_ && !stop();
  }
  Amount value() const { return best_.back(); }
  std::int64_t effort() const { return effort_; }

  /// [item] device of the best.
  std::vector<int> devices() const {
    std::vector<int> device(at(division_.size()));
    int ideal = lattice_.size() - 1, state = static_cast<int>(states_) - 1;
    while (ideal > 0) {
      const int before = from_[at(ideal) * states_ + at(state)] / 2;
      const bool cpu = from_[at(ideal) * states_ + at(state)] % 2 == 1;
      // The last device of its kind that is still to be used.
      const int per_row = division_.cpus + 1;
      const int chosen = cpu ? division_.accelerators + state % per_row - 1 : state / per_row - 1;
      for (int i = 0; i < division_.size(); ++i)
        if (lattice_.holds(ideal, i) && !lattice_.holds(before, i)) at(device, i) = chosen;
      state -= cpu ? 1 : per_row;
      ideal = before;
    }
    return device;
  }

 private:
  struct Set {
    Amount work = 0, cut = 0, cpu_work = 0, size = 0;
    bool on_accelerator = true, on_cpu = true;
  };
  Amount& best(int ideal, std::size_t state) { return best_[at(ideal) * states_ + state]; }

  /// Tries every set that can follow a down-set. A set that is too large for both kinds of device
  /// is not extended; cuts can become less with more items, work cannot.
  void spread(int base, const std::function<bool()>& stop) {
    queue_.assign(1, base);
    at(sets_, base) = {};
    at(seen_, base) = base;
    for (std::size_t q = 0; q < queue_.size(); ++q) {
      const int ideal = queue_[q];
      if (q % 4096 == 4095 && stop()) return;
      if (ideal != base) use(base, ideal, at(sets_, ideal));
      for (const auto& step : lattice_.steps(ideal)) {
        if (at(seen_, step.ideal) == base) continue;
        if (effort_ >= budget_) return;
        at(seen_, step.ideal) = base;
        const auto set = extended(base, ideal, at(sets_, ideal), step.item);
        if (!set.on_accelerator && !set.on_cpu) continue;
        at(sets_, step.ideal) = set;
        queue_.push_back(step.ideal);
      }
    }
  }

  Set extended(int base, int ideal, Set set, int item) {
    ++effort_;
    const auto& added = at(division_.items, item);
    set.work += added.work;
    set.cpu_work += added.cpu_work;
    set.size += added.size;
    set.on_accelerator = set.on_accelerator && added.on_accelerator && set.work <= limit_ &&
                         set.size <= division_.memory;
    set.on_cpu = set.on_cpu && added.on_cpu && set.cpu_work <= limit_;
    if (set.on_accelerator)
      for (const int net : at(division_.nets_of, item)) {
        bool any_in = false, any_out = false;
        for (const int other : at(division_.nets, net).items) {
          if (other == item) continue;
          const bool in = lattice_.holds(ideal, other) && !lattice_.holds(base, other);
          (in ? any_in : any_out) = true;
        }
        const auto cost = at(division_.nets, net).cost;
        set.cut += (any_out ? cost : 0) - (any_in ? cost : 0);
      }
    return set;
  }

  void use(int base, int ideal, const Set& set) {
    const auto per_row = at(division_.cpus + 1);
    const Amount load = set.work + set.cut;
    const bool accelerator = set.on_accelerator && load <= limit_;
    for (std::size_t state = 0; state < states_; ++state) {
      const Amount before = best(base, state);
      if (before > limit_) continue;
      if (accelerator && state + per_row < states_)
        improve(ideal, state + per_row, std::max(before, load), 2 * base);
      if (set.on_cpu && state % per_row + 1 < per_row)
        improve(ideal, state + 1, std::max(before, set.cpu_work), 2 * base + 1);
    }
  }

  void improve(int ideal, std::size_t state, Amount value, int from) {
    auto& known = best(ideal, state);
    if (value >= known) return;
    known = value;
    from_[at(ideal) * states_ + state] = from;
  }

  const Division& division_;
  const Lattice& lattice_;
  Amount limit_;
  std::size_t states_;
  std::vector<Amount> best_;  // [ideal][accelerators used][CPUs used] least largest load
  std::vector<int> from_;     // 2 x the down-set before, + 1 if a CPU took the rest
  std::vector<int> seen_, queue_;
  std::vector<Set> sets_;  // [ideal] what it has beyond the base
  std::int64_t effort_ = 0, budget_ = 0;
};

Amount limit_of(const PlacementAnswer& answer) {
  return answer.found() ? answer.value.count() - 1 : never / 4;
}

std::string too_many() {
  return "its forward graph has more than " + std::to_string(most_ideals) +
         " down-sets; take 'annealing' with --contiguous";
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
  return !Lattice::make(order.makers, most_ideals, stop) && !stopped ? too_many() : std::string();
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
  const auto most = std::min(most_ideals, static_cast<std::size_t>(left()));
  const auto lattice = Lattice::make(order.makers, most, stop);
  if (!lattice && !stopped && most == most_ideals)
    throw models::InputError("'contiguous' does not take this problem: " + too_many());
  incumbent.count(lattice ? lattice->size() : stopped ? 0 : static_cast<std::int64_t>(most));
  if (!lattice || left() <= 0) return;
  Cuts cuts(order, *lattice, limit);
  const bool finished = cuts.run(stop, left() - 1);
  incumbent.count(cuts.effort());
  if (!finished) return;
  if (cuts.value() <= limit) {
    const auto devices = cuts.devices();
    std::vector<int> of_group;
    for (const int item : order.item_of_group) of_group.push_back(at(devices, item));
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
