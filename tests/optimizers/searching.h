#pragma once

#include <string_view>
#include <vector>

#include "optimizers/archive.h"
#include "optimizers/optimizer.h"
#include "sim/static_evaluator.h"
#include "tests/optimizers/small_problem.h"

namespace optimizers_test {

/// Everything that one search asked for, and what it was told.
struct Search {
  std::vector<models::Plan> plans;
  std::vector<models::Score> scores;
  optimizers::Archive archive;
};

/// Runs a search to its end. The first trials are told what `known` says of them, without scoring.
inline Search search(std::string_view name, const std::shared_ptr<const models::Problem>& problem,
                     const models::Goal& goal, std::uint64_t seed, std::int64_t budget,
                     const std::vector<models::Score>& known = {}) {
  Search result{{}, {}, optimizers::Archive(goal)};
  const auto optimizer = optimizers::make(name, {*problem, goal, seed, budget});
  const auto evaluator = sim::make_evaluator(problem);
  models::Batch batch;
  std::vector<models::Score> scores;
  for (;;) {
    optimizer->ask(batch);
    if (batch.trials.empty()) return result;
    scores.assign(batch.trials.size(), {});
    if (result.scores.size() + scores.size() <= known.size())
      std::copy_n(known.begin() + static_cast<std::ptrdiff_t>(result.scores.size()), scores.size(),
                  scores.begin());
    else
      evaluator->score(batch, scores);
    for (std::size_t k = 0; k < scores.size(); ++k) {
      result.plans.push_back(batch.plan(k));
      result.archive.offer(batch, k, scores[k]);
    }
    result.scores.insert(result.scores.end(), scores.begin(), scores.end());
    optimizer->tell(batch, scores);
  }
}

}  // namespace optimizers_test
