#pragma once

#include <memory>

#include "models/executor.h"
#include "models/problem.h"

namespace sim {

/// Scores strict plans in one pass over the task graph per request: no events, no queues. Exact for
/// fifo links: equal to the event engine to the picosecond.
/// Throws std::invalid_argument for problems with fair links; plans must be strict.
std::unique_ptr<models::Evaluator> make_static_evaluator(
    std::shared_ptr<const models::Problem> problem);

/// The same, and neighbours of one base plan are scored eight at a time, in vector lanes, where the
/// problem allows it: devices of one slot, no jitter, trials of few changes that keep the rank.
std::unique_ptr<models::Evaluator> make_lane_evaluator(
    std::shared_ptr<const models::Problem> problem);

/// The fastest evaluator that is exact for the problem: with lanes where links are fifo and plans
/// strict, else the event engine.
std::unique_ptr<models::Evaluator> make_evaluator(std::shared_ptr<const models::Problem> problem);

}  // namespace sim
