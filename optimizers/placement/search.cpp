#include "optimizers/placement/search.h"

#include <algorithm>

#include "optimizers/placement/bounds.h"
#include "optimizers/placement/solvers.h"

namespace optimizers {

void begin_answer(const PlacementTask& task, PlacementAnswer& answer) {
  answer = {};
  answer.lower_bound = task.known_bound;
  if (task.known_bound > models::Time{}) answer.bound = "known before";
  if (!task.bounded) {
    const auto bound = placement_bound(task.problem, task.halt);
    if (bound.value > answer.lower_bound) {
      answer.lower_bound = bound.value;
      answer.bound = bound.name;
    }
  }
  PlacementTask first = task;
  first.known_bound = answer.lower_bound;
  first.improved = [&](const PlacementAnswer& found) {
    answer.placement = found.placement;
    answer.value = found.value;
    answer.effort = found.effort;
    task.improved(answer);
  };
  answer.effort = placement_greedy_entry().solve(first).effort;
}

std::string search_refusal(const models::PlacementProblem& problem) {
  constexpr std::int64_t most = 4'000'000'000;
  // Of two searches side by side.
  const auto of_each = std::int64_t{problem.size()} * static_cast<std::int64_t>(2 * sizeof(int));
  if (problem.devices() <= most / std::max<std::int64_t>(1, of_each)) return {};
  return "its " + std::to_string(problem.size()) + " nodes on " +
         std::to_string(problem.devices()) +
         " devices would take more than 4 GB of memory; take fewer devices (--devices, --cpus), or "
         "'greedy'";
}

PlacementAnswer run_alone(const PlacementTask& task,
                          std::unique_ptr<PlacementSearch> (*make)(const SearchTask&)) {
  PlacementAnswer answer;
  begin_answer(task, answer);
  const auto over = [&] { return answer.is_proven() || task.stop(); };
  if (over() || answer.effort >= task.budget) return answer;
  const PlacementNets nets(task.problem);
  const auto search = make({task.problem, nets, task.seed, task.contiguous});
  if (answer.found()) search->offer(by_group(task.problem, answer.placement), answer.value.count());
  constexpr std::int64_t slice = 2000;
  while (answer.effort < task.budget && !over()) {
    const auto used =
        search->run(std::min(slice, task.budget - answer.effort), task.stop, task.halt);
    answer.effort += used;
    if (search->found() && models::Time(search->value()) < answer.value) {
      answer.value = models::Time(search->value());
      answer.placement = by_node(task.problem, search->best());
      task.improved(answer);
    }
    if (used == 0) break;
  }
  return answer;
}

}  // namespace optimizers
