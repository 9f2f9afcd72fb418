#include "sim/event_engine.h"

#include <utility>

#include "sim/batch_scoring.h"
#include "sim/combined_totals.h"
#include "sim/control.h"
#include "sim/fast_kernel.h"
#include "sim/outcome.h"
#include "sim/recorder.h"
#include "sim/scoring.h"
#include "sim/simgrid_runner.h"
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

/// The same with SimGrid's kernel, in a process of its own.
struct SimgridBench {
  explicit SimgridBench(std::shared_ptr<const models::Problem> owned)
      : problem(std::move(owned)), bench(*problem) {}

  std::shared_ptr<const models::Problem> problem;
  Workbench bench;
  SimgridRunner runner;
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

class SimgridEvaluator final : public BatchScoring {
 public:
  explicit SimgridEvaluator(std::shared_ptr<const models::Problem> problem)
      : machine_(std::move(problem)) {}

  using BatchScoring::score;
  models::Score score(const models::Plan& plan) override {
    auto& it = machine_;
    it.runner.run(it.bench.prepare(plan), it.tally, nullptr);
    return make_score(*it.problem, it.combined.of(it.bench, it.tally), plan, it.tally);
  }

 private:
  SimgridBench machine_;
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
    const auto [events, stall] = run(job, runs ? &recorder : nullptr);
    fill(outcome, it.bench, it.combined.of(it.bench, it.tally), plan, it.tally);
    outcome.events = events;
    outcome.stall = text_of(stall, it.bench);
    if (runs) recorder.write(outcome, it.tally);
    return outcome;
  }

 private:
  std::pair<std::int64_t, Stall> run(const Job& job, Observer* observer) {
    auto& it = machine_;
    if (options_.simgrid) {
      simgrid_.run(job, it.tally, observer, options_.timeline);
      return {simgrid_.events(), simgrid_.stall()};
    }
    it.control.run(job, it.kernel, it.tally, observer);
    return {it.control.events(), it.control.stall()};
  }

  Machine machine_;
  SimgridRunner simgrid_;
  EngineOptions options_;
};

}  // namespace

std::unique_ptr<models::Executor> make_event_engine(std::shared_ptr<const models::Problem> problem,
                                                    const EngineOptions& options) {
  return std::make_unique<EventEngine>(std::move(problem), options);
}

std::unique_ptr<models::Evaluator> make_simgrid_evaluator(
    std::shared_ptr<const models::Problem> problem) {
  return std::make_unique<SimgridEvaluator>(std::move(problem));
}

std::unique_ptr<models::Evaluator> make_event_evaluator(
    std::shared_ptr<const models::Problem> problem) {
  return std::make_unique<EventEvaluator>(std::move(problem));
}

}  // namespace sim
