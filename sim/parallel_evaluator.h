#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "models/executor.h"

namespace sim {

/// Scores the trials of a batch on several threads, each with an evaluator of its own that `make`
/// makes: the calling thread and `threads` - 1 workers, which live as long as the evaluator.
/// Batches that are worth less than waking them are scored by the calling thread alone. As scores
/// are exact, they depend on none of that. Allocates nothing per trial. What a worker throws is
/// thrown again.
std::unique_ptr<models::Evaluator> make_parallel_evaluator(
    const std::function<std::unique_ptr<models::Evaluator>()>& make, std::size_t threads);

}  // namespace sim
