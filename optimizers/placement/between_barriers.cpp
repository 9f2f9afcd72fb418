#include <algorithm>

#include "optimizers/placement/barriers.h"
#include "optimizers/placement/incumbent.h"
#include "optimizers/placement/search.h"
#include "optimizers/placement/solvers.h"

namespace optimizers {
namespace {

using models::PlacementProblem;

std::string refusal(const PlacementTask& task) {
  if (task.problem.objective != PlacementProblem::Objective::latency)
    return "it is for latency only";
  return {};
}

PlacementAnswer solve(const PlacementTask& task) {
  PlacementAnswer answer;
  begin_answer(task, answer);
  if (answer.is_proven() || answer.effort >= task.budget || task.stop()) return answer;
  constexpr std::size_t most_ideals = 2000;
  constexpr std::int64_t most_steps = 600'000'000;  // a second or two
  Barriers barriers(task.problem, task.halt,
                    {most_ideals, most_steps, task.budget - answer.effort});
  const models::Time bound(barriers.bound());
  answer.effort += std::min(barriers.effort(), task.budget - answer.effort);
  if (bound == models::Time{}) {
    answer.notes = {
        "'barriers' says nothing: too few nodes are before or after every other, or it was cut "
        "short"};
    return answer;
  }
  const auto placement = barriers.placement();
  const auto score = models::evaluate(task.problem, placement);
  const bool better = score.valid && score.value < answer.value;
  if (better) {
    answer.placement = placement;
    answer.value = score.value;
  }
  const bool higher = bound > answer.lower_bound;
  if (higher) {
    answer.lower_bound = bound;
    answer.bound = "slots between barriers";
  }
  if (better || higher) task.improved(answer);
  return answer;
}

}  // namespace

PlacementEntry placement_barriers_entry() {
  return {"barriers",
          "dynamic programming over nodes before or after every other: the least latency of chains "
          "of chains, proven",
          refusal, solve};
}

}  // namespace optimizers
