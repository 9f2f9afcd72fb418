#pragma once

#include <filesystem>

#include "models/executor.h"
#include "models/placement/placement.h"
#include "models/problem.h"
#include "optimizers/placement/solver.h"

namespace scenarios {

/// Scores the devices of plans for placement_network() by the semantics of placements: the value is
/// every time of the score. A colour class is where the plan has its first member. Sets that wait
/// for each other count as requests that do not finish.
class PlacementEvaluator final : public models::Evaluator {
 public:
  explicit PlacementEvaluator(const models::PlacementProblem& problem);

  models::Score score(const models::Plan& plan) override;
  void score(const models::Batch& batch, std::span<models::Score> scores) override;

  /// What a plan means.
  models::Placement placement(const models::Plan& plan) const;

 private:
  const models::PlacementProblem& problem_;
  std::vector<int> operator_of_;  // [node] the operator whose device counts
};

/// Why an algorithm of the general catalogue cannot take the problem; empty if it can.
std::string general_refusal(const optimizers::PlacementTask& task);

/// Has an algorithm of the general catalogue search, which asks and is told as in any study.
optimizers::PlacementAnswer solve_by_general(const std::string& algorithm,
                                             const optimizers::PlacementTask& task);

/// Writes scenario.yaml and network.onnx into the folder, for 'partwise run'.
void write_placement_scenario(const models::PlacementProblem& problem,
                              const std::filesystem::path& folder, const std::string& algorithm);

/// What an execution of that scenario counts differently, for people.
std::string placement_scenario_note(const models::PlacementProblem& problem);

}  // namespace scenarios
