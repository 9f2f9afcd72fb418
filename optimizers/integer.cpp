#include <algorithm>
#include <array>
#include <string>

#include "models/error.h"
#include "optimizers/algorithms.h"
#include "optimizers/archive.h"
#include "optimizers/asking.h"
#include "optimizers/first_plans.h"
#include "optimizers/plan_programme.h"

namespace optimizers {

namespace {

using models::Batch;
using models::Plan;
using models::Score;

constexpr std::array integer_parameters = {
    Parameter{"nodes", 100, 1, 1e9, "most nodes of the branch and bound tree"},
    Parameter{"columns", 5000, 1, 1e9, "largest programme; larger problems are refused"},
};

/// Solves the problem without waiting, order and conversions as an integer programme, and proposes
/// what comes of it: a plan worth trying, and a bound on all. It starts from the best of the plans
/// given and the greedy ones. Sees the goal's weighted sum, not a front.
class IntegerSearch final : public Optimizer {
 public:
  IntegerSearch(const Task& task, const Settings& settings)
      : task_(task),
        nodes_(static_cast<std::int64_t>(settings[0])),
        bounds_(task.problem),
        archive_(task.goal),
        first_(first_plans(task, Graph(task.problem), task.budget - 2)) {
    const auto relaxed = relaxation_of(bounds_, task.goal);
    if (!relaxed)
      throw models::InputError(
          "'integer' takes one network, without batches and bursts of requests; use 'portfolio'");
    relaxation_ = *relaxed;
    if (const double columns = PlanProgramme::columns(task.problem); columns > settings[1])
      throw models::InputError("'integer' is for small problems: this one makes a programme of " +
                               std::to_string(static_cast<std::int64_t>(columns)) +
                               " columns, and its limit is " +
                               std::to_string(static_cast<std::int64_t>(settings[1])) +
                               "; use 'portfolio', or raise the parameter 'columns'");
  }

  void ask(Batch& batch) override {
    batch.clear();
    if (stage_ == 0) {
      ask_for(first_, batch);
    } else if (stage_ == 1) {
      if (!work_out()) return;
      ask_for(solved_, batch);
    }
    ++stage_;
    if (static_cast<std::int64_t>(batch.trials.size()) > task_.budget - used_)
      batch.trials.resize(static_cast<std::size_t>(task_.budget - used_));
    used_ += static_cast<std::int64_t>(batch.trials.size());
  }

  void tell(const Batch& batch, std::span<const Score> scores) override {
    for (std::size_t k = 0; k < scores.size(); ++k) archive_.offer(batch, k, scores[k]);
  }

  double lower_bound() const override { return bound_; }
  void keep(State& state) override { state(archive_, stage_, used_, bound_); }

 private:
  /// False if it was stopped.
  bool work_out() {
    const auto& best = *archive_.best();
    const PlanProgramme programme(bounds_, *relaxation_);
    IntegerProgrammeLimits limits;
    limits.seconds = 1e9;  // what it finds must not depend on the clock
    limits.nodes = nodes_;
    limits.stop = task_.stop;
    // A plan that misses limits may be no solution at all.
    const auto start = best.violation > 0 ? std::vector<double>{} : programme.solution(best.plan);
    const auto answer = solve(programme.programme(), start, limits);
    constexpr double tolerance = 1e-6;  // of the solver
    if (task_.stop()) return false;
    if (answer.state == IntegerProgrammeAnswer::State::infeasible) return true;
    if (answer.bound > 0) bound_ = programme.cost(answer.bound * (1 - tolerance));
    if (answer.values.empty()) return true;
    solved_.push_back(best.plan);
    programme.choose(answer.values, solved_.back());
    auto plain = solved_.back();
    std::fill(plain.wire.begin(), plain.wire.end(), Plan::as_produced);
    if (plain != solved_.back()) solved_.push_back(plain);
    return true;
  }

  Task task_;
  std::int64_t nodes_;
  MetricBounds bounds_;
  Archive archive_;
  std::vector<Plan> first_, solved_;
  std::optional<Relaxation> relaxation_;
  int stage_ = 0;
  std::int64_t used_ = 0;
  double bound_ = 0;
};

}  // namespace

Entry integer_entry() {
  return {
      "integer",
      "an integer programme without waiting and order (COIN-OR CBC), for small problems; bounds",
      integer_parameters,
      [](const Task& task, const Settings& settings) -> std::unique_ptr<Optimizer> {
        return std::make_unique<IntegerSearch>(task, settings);
      }};
}

}  // namespace optimizers
