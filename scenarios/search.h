#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "models/executor.h"
#include "optimizers/archive.h"
#include "results/run_file.h"
#include "scenarios/checkpoint.h"
#include "scenarios/scenario.h"

namespace scenarios {

/// How a search stands.
struct Standing {
  std::int64_t evaluations = 0;
  const models::Score* best = nullptr;
  double per_second = 0;  ///< evaluations of this sitting
  double cost = 0;        ///< of the best plan
  double violation = 0;
  double lower_bound = 0;  ///< of the cost of any plan, as far as it is known; else 0
};

/// What somebody who waits for a search can do.
struct Watch {
  std::function<bool()> stop = [] { return false; };  ///< asked after every batch
  std::function<void(const Standing&)> progress = [](const Standing&) {};
};

/// A search under way: an algorithm, what it has found, and the time it took. May be done in
/// several sittings, each in a process of its own; what it finds does not depend on how many.
class Search {
 public:
  /// Run, parts and evaluator outlive it.
  Search(const Run& run, const Parts& parts, models::Evaluator& evaluator);

  /// Scores one batch. False when there is nothing more to ask.
  bool step();

  Standing standing() const;
  const optimizers::Archive& archive() const { return archive_; }
  double seconds() const;  ///< wall clock of all sittings
  /// Whether the time limit of the scenario is over.
  bool is_out_of_time() const;

  /// Whether no plan can be better than the best found.
  bool is_exhausted() const { return optimizer_->is_exhausted(); }

  /// A cost that no plan is below, as far as the algorithm knows; else 0.
  double lower_bound() const { return optimizer_->lower_bound(); }

  /// Puts what is known into the record of the run.
  void report(results::RunFile& record, bool interrupted) const;

  /// Between two steps.
  void keep(optimizers::State& state);

 private:
  using Clock = std::chrono::steady_clock;
  struct Point : results::TracePoint {
    void keep(optimizers::State& state) { state(evaluation, cost, violation, objectives); }
  };

  void note_second();
  bool seeks_a_front() const;
  void note_front();

  const Run& run_;
  models::Evaluator& evaluator_;
  std::unique_ptr<optimizers::Optimizer> optimizer_;
  const models::Goal& goal_;
  optimizers::Archive archive_;
  std::vector<Point> trace_;
  std::vector<results::CurvePoint> curve_;
  std::vector<results::FrontPoint> fronts_;
  std::int64_t next_front_ = 1;  ///< after so many evaluations
  double earlier_seconds_ = 0;   ///< of earlier sittings
  std::int64_t earlier_ = 0;     ///< evaluations of theirs
  Clock::time_point begun_ = Clock::now();
  models::Batch batch_;
  std::vector<models::Score> scores_;
};

/// Searches until the optimizer has nothing more to ask, the time limit of the scenario is over or
/// the watcher says stop; at least one batch is asked for. Writes checkpoints of what `keep` keeps,
/// the last one when the watcher stops it. True when it was cut short.
bool finish(Search& search, const Watch& watch, Checkpoint& checkpoint,
            const std::function<void(optimizers::State&)>& keep);

}  // namespace scenarios
