#include "sim/event_engine.h"

#include <utility>

#include "sim/batch_scoring.h"
#include "sim/combined_totals.h"
#include "sim/control.h"
#include "sim/fast_kernel.h"
#include "sim/outcome.h"
#include "sim/recorder.h"
#include "sim/scoring.h"
#include "sim/stall_text.h"

namespace sim {
namespace {

/// What both faces of the engine are made of.
struct Machine {
  explicit Machine(std::shared_ptr<const models::Problem> owned)
      : problem(std::move(owned)), bench(*problem) {}

  std::shared_ptr<const models::Problem> problem;
  Workbench bench;
  FastKernel kernel;
  Control control;
  Tally tally;
  CombinedTotals combined;
};

class EventEvaluator final : public BatchScoring {
 public:
  explicit EventEvaluator(std::shared_ptr<const models::Problem> problem)
      : machine_(std::move(problem)) {}

  using BatchScoring::score;
  models::Score score(const models::Plan& plan) override {
    auto& it = machine_;
    it.control.run(it.bench.prepare(plan), it.kernel, it.tally, nullptr);
    return make_score(*it.problem, it.combined.of(it.bench, it.tally), plan, it.tally);
  }

 private:
  Machine machine_;
};

class EventEngine final : public models::Executor {
 public:
  EventEngine(std::shared_ptr<const models::Problem> problem, const EngineOptions& options)
      : machine_(std::move(problem)), options_(options) {}

  models::Outcome execute(const models::Plan& plan) override {
    auto& it = machine_;
    const auto& job = it.bench.prepare(plan);
    it.tally.reset(job);
    models::Outcome outcome;
    outcome.infeasible = infeasibility(it.bench, it.combined.of(it.bench, it.tally), plan);
    it.kernel.report_rates(options_.timeline);
    Recorder recorder(it.bench, options_.timeline);
    const bool runs = outcome.infeasible.empty();
    it.control.run(job, it.kernel, it.tally, runs ? &recorder : nullptr);
    fill(outcome, it.bench, it.combined.of(it.bench, it.tally), plan, it.tally);
    outcome.events = it.control.events();
    outcome.stall = text_of(it.control.stall(), it.bench);
    if (runs) recorder.write(outcome, it.tally);
    return outcome;
  }

 private:
  Machine machine_;
  EngineOptions options_;
};

}  // namespace

std::unique_ptr<models::Executor> make_event_engine(std::shared_ptr<const models::Problem> problem,
                                                    const EngineOptions& options) {
  return std::make_unique<EventEngine>(std::move(problem), options);
}

std::unique_ptr<models::Evaluator> make_event_evaluator(
    std::shared_ptr<const models::Problem> problem) {
  return std::make_unique<EventEvaluator>(std::move(problem));
}

}  // namespace sim
