#include "scenarios/study.h"

#include <chrono>

#include "scenarios/finalists.h"
#include "sim/static_evaluator.h"

namespace scenarios {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

bool is_over(const OptimizerChoice& choice, Clock::time_point start) {
  return choice.time_limit && seconds_since(start) >= models::seconds(*choice.time_limit);
}

void add_point(std::vector<results::TracePoint>& trace, const optimizers::Archive::Member& best) {
  trace.push_back({best.trial + 1, best.cost, best.violation, best.values});
}

}  // namespace

Search search(const Run& run, const Parts& parts, models::Evaluator& evaluator,
              optimizers::Archive& archive, const Watch& watch) {
  Search search;
  const auto start = Clock::now();
  const auto optimizer = make_optimizer(run, parts);
  models::Batch batch;
  std::vector<models::Score> scores;
  for (optimizer->ask(batch); !batch.trials.empty(); optimizer->ask(batch)) {
    scores.resize(batch.trials.size());
    evaluator.score(batch, scores);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      archive.offer(batch, i, scores[i]);
      if (archive.best()->trial == archive.offered() - 1) add_point(search.trace, *archive.best());
    }
    optimizer->tell(batch, scores);
    watch.progress({archive.offered(), &archive.best()->score});
    search.interrupted = watch.stop() || is_over(run.scenario->optimizer, start);
    if (search.interrupted) break;
  }
  search.seconds = seconds_since(start);
  return search;
}

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
}

results::RunFile solve(const Run& run, const Watch& watch, const Oversight& oversight,
                       const std::function<void(const std::string&)>& complain) {
  auto parts = make_parts(*run.scenario);
  check_timeline(*run.scenario, *parts.problem);
  set_scales(parts.goal, parts.problem);
  const auto evaluator = sim::make_evaluator(parts.problem);
  optimizers::Archive archive(parts.goal);
  Auditor auditor(run, parts, oversight.folder);
  AuditedEvaluator audited(*evaluator, auditor, oversight.audit, run.seed);
  auto& chosen = oversight.audit > 0 ? static_cast<models::Evaluator&>(audited) : *evaluator;
  const auto found = search(run, parts, chosen, archive, watch);

  auto record = about(run, parts);
  record.evaluations = archive.offered();
  record.trace = found.trace;
  record.seconds = found.seconds;
  record.interrupted = found.interrupted;
  record.plans = plans_worth_keeping(archive, run.scenario->optimizer.name);
  add_yardsticks(record, parts, *evaluator);
  simulate_finalists(record, parts, *run.scenario, auditor);
  record.audit = auditor.found();
  if (complain)
    for (const auto& one : auditor.complaints()) complain(one);
  return record;
}

}  // namespace scenarios
