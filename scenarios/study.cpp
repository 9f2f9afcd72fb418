#include "scenarios/study.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "models/error.h"
#include "models/units.h"
#include "scenarios/finalists.h"
#include "scenarios/platforms.h"
#include "sim/parallel_evaluator.h"
#include "sim/static_evaluator.h"

namespace scenarios {
namespace {

/// A search with those who look after it.
struct Sitting {
  Sitting(const Run& run, const Parts& parts, models::Evaluator& evaluator,
          const Oversight& oversight)
      : auditor(run, parts, oversight.folder),
        audited(evaluator, auditor, oversight.audit, run.seed),
        search(run, parts,
               oversight.audit > 0 ? static_cast<models::Evaluator&>(audited) : evaluator) {}

  void keep(optimizers::State& state) { state(search, audited, auditor); }

  Auditor auditor;
  AuditedEvaluator audited;
  Search search;
};

/// Goes on from the state; false when it is of no use, and the sitting neither.
bool resume(Sitting& sitting, const std::string& text, const Means& means) {
  try {
    optimizers::State state(text);
    sitting.keep(state);
    if (!state.at_end()) throw models::InputError("there is more in it than in such a search");
  } catch (const models::InputError& error) {
    means.checkpoint.refuse(error.what());
    return false;
  }
  means.say("goes on from its checkpoint: " + std::to_string(sitting.search.archive().offered()) +
            " plans were scored in " +
            models::pretty(models::rounded_up(sitting.search.seconds())));
  return true;
}

/// What is told about the search says the bound too.
Watch with_bound(const Watch& watch, const std::optional<optimizers::Bounds>& bounds) {
  const double known = bounds ? bounds->cost : 0;
  return {watch.stop, [&watch, known](const Standing& standing) {
            auto told = standing;
            told.lower_bound = std::max(told.lower_bound, known);
            watch.progress(told);
          }};
}

/// A front is measured from the worst that the first plan and random ones come to.
void set_references(models::Goal& goal, const models::Score& first,
                    const std::vector<models::Score>& random) {
  std::vector<double> values(goal.objectives.size());
  const auto widen = [&](const models::Score& score) {
    goal.values(score, values);
    for (std::size_t i = 0; i < values.size(); ++i)
      if (score.feasible() && std::isfinite(values[i]))
        goal.objectives[i].reference = std::max(goal.objectives[i].reference, values[i]);
  };
  widen(first);
  for (const auto& score : random) widen(score);
}

}  // namespace

void set_scales(models::Goal& goal, const std::shared_ptr<const models::Problem>& problem) {
  const auto evaluator = sim::make_evaluator(problem);
  goal.normalise(evaluator->score(problem->first_plan()));

  const auto drawer = optimizers::make("random", {*problem, goal, 1, 64});
  models::Batch batch;
  drawer->ask(batch);
  std::vector<models::Score> scores(batch.trials.size());
  evaluator->score(batch, scores);
  const auto first = evaluator->score(problem->first_plan());
  for (auto& objective : goal.objectives) {
    if (first.value(objective.metric) > 0) continue;
    double sum = 0;
    for (const auto& score : scores) sum += score.value(objective.metric);
    if (sum > 0) objective.scale = sum / static_cast<double>(scores.size());
  }
  set_references(goal, first, scores);
}

results::RunFile solve(const Run& run, const Watch& watch, Means means) {
  auto parts = make_parts(*run.scenario);
  check_timeline(*run.scenario, *parts.problem);
  set_scales(parts.goal, parts.problem);
  const auto evaluator =
      sim::make_parallel_evaluator([&] { return make_evaluator(parts); }, means.threads);
  // Those of a co-design take too long to keep its search waiting.
  const auto bounds = parts.platforms ? std::nullopt : bounds_of(parts);
  const auto sit_down = [&] {
    return std::make_unique<Sitting>(run, parts, *evaluator, means.oversight);
  };
  auto sitting = sit_down();
  if (const auto state = means.checkpoint.read(); state && !resume(*sitting, *state, means))
    sitting = sit_down();
  const bool cut_short = finish(sitting->search, with_bound(watch, bounds), means.checkpoint,
                                [&](optimizers::State& state) { sitting->keep(state); });

  auto record = about(run, parts);
  sitting->search.report(record, cut_short);
  record.plans = plans_worth_keeping(sitting->search.archive(), run.scenario->optimizer.name);
  add_yardsticks(record, parts, *evaluator);
  add_bounds(record, parts, bounds, sitting->search.is_exhausted(), sitting->search.lower_bound());
  simulate_finalists(record, parts, *run.scenario, sitting->auditor);
  use_common_names(record, parts);
  record.audit = sitting->auditor.found();
  for (const auto& one : sitting->auditor.complaints()) means.complain(one);
  return record;
}

}  // namespace scenarios
