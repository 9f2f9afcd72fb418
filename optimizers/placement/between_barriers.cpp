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
  constexpr std::int64_t most_steps = 600'000'000;  // a second or two
  improve_between_barriers(task, most_steps, answer);
  return answer;
}

}  // namespace

bool improve_between_barriers(const PlacementTask& task, std::int64_t most_steps,
                              PlacementAnswer& answer) {
  constexpr std::size_t most_ideals = 2000;
  const auto left = task.budget - answer.effort;
  Barriers barriers(task.problem, task.halt, {most_ideals, most_steps, left});
  const models::Time bound(barriers.bound());
  answer.effort += std::min(barriers.effort(), left);
  answer.notes.clear();
  if (!barriers.silence().empty()) {
    answer.notes = {"'barriers' says nothing: " + barriers.silence()};
    return barriers.ran_out_of_steps();
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
  return false;
}

PlacementEntry placement_barriers_entry() {
  return {"barriers",
          "dynamic programming over nodes before or after every other: the least latency of chains "
          "of chains, proven",
          refusal, solve};
}

}  // namespace optimizers
