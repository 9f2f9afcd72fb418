#pragma once

#include <memory>

#include "models/executor.h"
#include "models/problem.h"

namespace sim {

struct EngineOptions {
  bool timeline = false;  ///< keep every event in Outcome::timeline
  bool simgrid = false;   ///< execute on SimGrid, in a process of its own
};

/// Executes every event of a plan: contention, order, admission, streams; strict and ready, fifo
/// and fair. An infeasible plan is not executed: its outcome says why.
std::unique_ptr<models::Executor> make_event_engine(std::shared_ptr<const models::Problem> problem,
                                                    const EngineOptions& options = {});

/// SimGrid for scoring: slow, to check others by.
std::unique_ptr<models::Evaluator> make_simgrid_evaluator(
    std::shared_ptr<const models::Problem> problem);

/// The same engine for scoring: nothing is recorded, nothing allocated once warm (of one network).
/// Scores infeasible plans as if they fitted, so that a search can tell how far off they are.
std::unique_ptr<models::Evaluator> make_event_evaluator(
    std::shared_ptr<const models::Problem> problem);

}  // namespace sim
