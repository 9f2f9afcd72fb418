#include "sim/static_evaluator.h"

#include <algorithm>
#include <stdexcept>

#include "sim/batch_scoring.h"
#include "sim/event_engine.h"
#include "sim/one_pass.h"

namespace sim {
namespace {

template <bool everything>
class StaticEvaluator final : public BatchScoring {
 public:
  explicit StaticEvaluator(std::shared_ptr<const models::Problem> problem)
      : owned_(std::move(problem)), tables_(*owned_), pass_(tables_) {}

  using BatchScoring::score;
  models::Score score(const models::Plan& plan) override {
    tables_.follow(plan.order);
    return pass_.score(plan);
  }

 private:
  std::shared_ptr<const models::Problem> owned_;
  WalkTables tables_;
  OnePass<everything> pass_;
};

/// Whether one sweep over the ranks says all there is to say.
bool is_static(const models::Problem& problem) {
  return !problem.fair_links && problem.streams.size() == 1 && problem.events.empty() &&
         problem.batched.empty() && problem.choices.discipline == models::Plan::Discipline::strict;
}

}  // namespace

std::unique_ptr<models::Evaluator> make_static_evaluator(
    std::shared_ptr<const models::Problem> problem) {
  if (problem->fair_links)
    throw std::invalid_argument("the static evaluator is exact for fifo links only");
  if (WalkTables::placement_only(*problem))
    return std::make_unique<StaticEvaluator<false>>(std::move(problem));
  return std::make_unique<StaticEvaluator<true>>(std::move(problem));
}

std::unique_ptr<models::Evaluator> make_evaluator(std::shared_ptr<const models::Problem> problem) {
  return is_static(*problem) ? make_static_evaluator(std::move(problem))
                             : make_event_evaluator(std::move(problem));
}

}  // namespace sim
