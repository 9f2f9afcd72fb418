#include "optimizers/placement/incumbent.h"

#include <algorithm>

#include "optimizers/placement/search.h"
#include "optimizers/placement/solvers.h"

namespace optimizers {

Incumbent::Incumbent(const PlacementTask& task) : task_(task) {
  answer_.lower_bound = task.known_bound;
  if (task.known_bound > models::Time{}) answer_.bound = "known before";
}

void Incumbent::start() {
  for (const auto& placement : task_.start) offer(placement);
  // Stopped before, it still asks for a first value.
  if (!task_.searched) {
    PlacementTask quick{task_.problem};
    quick.contiguous = task_.contiguous;
    quick.stop = task_.stop;
    quick.halt = task_.halt;
    quick.known_bound = task_.known_bound;
    quick.bounded = task_.bounded;
    quick.start = task_.start;
    quick.seed = task_.seed;
    // A second or two on a few hundred nodes: proofs are far quicker from a good value.
    quick.budget =
        std::min(task_.budget - answer_.effort, 5'000 + std::int64_t{3'000} * task_.problem.size());
    const auto search = search_refusal(task_.problem).empty() ? placement_annealing_entry()
                                                              : placement_greedy_entry();
    const auto first = search.solve(quick);
    answer_.effort += first.effort;
    if (first.found()) take(first.placement);
  }
  if (!task_.searched && !task_.bounded) raise(placement_bound(task_.problem, task_.halt));
}

bool Incumbent::offer(const models::Placement& placement) {
  ++answer_.effort;
  return take(placement);
}

bool Incumbent::take(const models::Placement& placement) {
  const auto score = models::evaluate(task_.problem, placement);
  if (!score.valid || (answer_.found() && score.value >= answer_.value)) return false;
  if (task_.contiguous && !models::is_contiguous(task_.problem, placement)) return false;
  answer_.placement = placement;
  answer_.value = score.value;
  task_.improved(answer_);
  return true;
}

void Incumbent::raise(PlacementBound bound) {
  if (answer_.found()) bound.value = std::min(bound.value, answer_.value);
  if (bound.value <= answer_.lower_bound) return;
  answer_.lower_bound = bound.value;
  answer_.bound = bound.name;
  task_.improved(answer_);
}

}  // namespace optimizers
