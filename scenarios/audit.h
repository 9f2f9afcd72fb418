#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/executor.h"
#include "models/random.h"
#include "optimizers/state.h"
#include "results/run_file.h"
#include "scenarios/scenario.h"
#include "sim/simgrid_check.h"

namespace scenarios {

/// How closely a run is looked after.
struct Oversight {
  double audit = 0;  ///< share of the scored plans that SimGrid executes too
  /// Where plans go on which the engines disagree; empty: nowhere.
  std::filesystem::path folder;
};

/// Sends plans to SimGrid, keeps count of what it says, and writes down where it disagrees.
class Auditor {
 public:
  Auditor(const Run& run, const Parts& parts, std::filesystem::path folder);

  /// Whether SimGrid can be asked at all.
  bool is_able() const { return is_able_; }
  /// Executes a plan on both engines. `name` is for the file and the complaint. Answers the largest
  /// relative difference of an instant.
  double check(const std::string& name, const models::Plan& plan);
  /// The same, and whether its score is what it should be.
  void audit(const std::string& name, const models::Plan& plan, const models::Score& score);

  const results::Audit& found() const { return found_; }
  /// One line for each disagreement.
  const std::vector<std::string>& complaints() const { return complaints_; }

  void keep(optimizers::State& state) { state(found_, complaints_); }

 private:
  /// The plan's own problem; engines of another one are put away.
  const models::Problem& problem_of(const models::Plan& plan);
  void complain(const std::string& name, const models::Plan& plan, const std::string& what);

  const Run& run_;
  const Parts& parts_;
  std::filesystem::path folder_;
  std::shared_ptr<const models::Problem> problem_;  ///< what the engines are for
  bool is_able_;
  std::optional<sim::SimgridCheck> check_;
  std::unique_ptr<models::Evaluator> events_;
  results::Audit found_;
  std::vector<std::string> complaints_;
};

/// An evaluator that sends a share of the feasible plans that it scores to the auditor, the same
/// ones in each run.
class AuditedEvaluator final : public models::Evaluator {
 public:
  AuditedEvaluator(models::Evaluator& evaluator, Auditor& auditor, double share,
                   std::uint64_t seed);
  models::Score score(const models::Plan& plan) override { return evaluator_.score(plan); }
  void score(const models::Batch& batch, std::span<models::Score> scores) override;

  void keep(optimizers::State& state) { state(random_, scored_, owed_); }

 private:
  models::Evaluator& evaluator_;
  Auditor& auditor_;
  double share_;
  models::Random random_;
  std::int64_t scored_ = 0;
  std::int64_t owed_ = 0;  ///< drawn, but not feasible: the next feasible ones take their turn
};

}  // namespace scenarios
