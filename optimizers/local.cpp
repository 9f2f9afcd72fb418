#include <algorithm>
#include <array>

#include "optimizers/algorithms.h"
#include "optimizers/archive.h"
#include "optimizers/asking.h"
#include "optimizers/first_plans.h"
#include "optimizers/walker.h"

namespace optimizers {

namespace {

using models::Batch;
using models::Plan;
using models::Score;

constexpr std::array local_parameters = {
    Parameter{"neighbours", 16, 1, 1024, "most plans asked for at once from one base"},
    Parameter{"patience", 3, 0, 1000, "random moves tried per choice of the plan before a kick"},
    Parameter{"slices", 16, 0, 1000,
              "weightings tried one after the other when the goal is a front"},
};

/// Iterated local search (Lourenco, Martin, Stuetzle 2003). From a plan it tries the steps that
/// should gain most, aimed at what binds or at the limit that is missed, and takes the first
/// batch's best that gains; when none of them does, random moves; when those bring nothing either,
/// it kicks the plan some moves away and begins again, going back if that ends worse. Kicks grow
/// while they fail.
class Local final : public Optimizer {
 public:
  Local(const Task& task, const Settings& settings)
      : task_(task),
        most_neighbours_(static_cast<std::size_t>(settings[0])),
        graph_(task.problem),
        mover_(task.problem, graph_),
        directions_(task.problem, task.goal, graph_),
        random_(task.seed),
        archive_(task.goal),
        aim_(task.goal),
        judge_(task.goal, aim_),
        walker_(mover_),
        first_(first_plans(task, graph_, task.budget / 2)) {
    const auto objectives = static_cast<int>(task.goal.objectives.size());
    is_front_ = task.goal.pareto && objectives > 1;
    if (is_front_) phases_ = objectives + static_cast<int>(settings[2]);
    patience_ = 16 + static_cast<std::int64_t>(settings[1] * task.problem.operators);
  }

  void ask(Batch& batch) override {
    batch.clear();
    if (used_ >= task_.budget) return;
    if (used_ == 0) return ask_for(first_, batch);
    if (used_ >= phase_end_) start_phase();
    if (repair_due_) {
      repair_due_ = false;
      repaired_ = walker_.plan();
      if (directions_.repair(walker_.score(), random_, repaired_)) return ask_for(repaired_, batch);
    }
    const auto left = static_cast<std::size_t>(phase_end_ - used_);
    if (next_ < steps_.size()) {
      const auto width = std::min({most_neighbours_, left, steps_.size() - next_});
      walker_.ask(std::span(steps_).subspan(next_, width), batch);
      next_ += width;
    } else if (tried_ < patience_) {
      walker_.ask(static_cast<double>(most_neighbours_), static_cast<std::int64_t>(left), random_,
                  batch);
      if (batch.trials.empty()) tried_ = patience_;
    }
    kicks_ = batch.trials.empty();
    if (!kicks_) return;
    batch.clear();
    go_home();
    walker_.ask_far(1 + static_cast<int>(random_.below(kick_)), random_, batch);
  }

  void tell(const Batch& batch, std::span<const Score> scores) override {
    for (std::size_t k = 0; k < scores.size(); ++k) archive_.offer(batch, k, scores[k]);
    const bool is_first = used_ == 0;
    used_ += std::ssize(scores);
    if (is_first) return;
    if (batch.bases.front() == &repaired_) return receive(repaired_, scores.front());
    const bool directed = next_ > 0 && tried_ == 0 && !kicks_;
    const double before = walker_.now().value, violation = walker_.now().violation;
    const bool moved = walker_.step(batch, scores, judge_, [&](double worse) {
      return kicks_ || (directed ? worse < -1e-12 : worse <= 0);
    });
    const bool gained =
        moved && (walker_.now().value < before || walker_.now().violation < violation);
    if (kicks_ || gained) {
      directions_.find(walker_.plan(), walker_.score(), random_, steps_);
      next_ = 0;
      tried_ = 0;
    } else if (next_ >= steps_.size()) {
      tried_ += directed ? 1 : std::ssize(scores);
    }
  }

  void receive(const Plan& plan, const Score& score) override {
    archive_.offer(plan, score);
    const auto standing = judge_.standing(score);
    if (judge_.loss(walker_.now(), standing) < 0) start(plan, score);
  }

  void keep(State& state) override {
    state(walker_, judge_, random_, archive_, aim_, used_, phase_end_, phase_, steps_, next_,
          tried_, kick_, home_, home_score_, repair_due_);
  }

 private:
  void start_phase() {
    const auto left = task_.budget - used_;
    phase_end_ = used_ + std::max<std::int64_t>(1, left / std::max(1, phases_ - phase_));
    if (is_front_) aim_.weigh(archive_, phase_, random_);
    const auto& best = best_for(aim_, archive_);
    start(best.plan, best.score);
    judge_.set_scale(walker_.now());
    ++phase_;
  }

  void start(const Plan& plan, const Score& score) {
    walker_.start(plan, score, judge_.standing(score));
    home_ = plan;
    home_score_ = score;
    kick_ = 2;
    directions_.find(plan, score, random_, steps_);
    next_ = 0;
    tried_ = 0;
    repair_due_ = walker_.now().violation > 0;
  }

  /// The end of a descent becomes home if it is no worse.
  void go_home() {
    const auto home = judge_.standing(home_score_);
    const double worse = judge_.loss(home, walker_.now());
    const auto most = 3 + task_.problem.operators / 10;
    kick_ = worse < -1e-12 ? 2 : std::min<std::int64_t>(most, kick_ + (worse > 1e-12 ? 1 : 0));
    if (worse <= 1e-12) {
      home_ = walker_.plan();
      home_score_ = walker_.score();
    } else {
      walker_.start(home_, home_score_, home);
    }
  }

  Task task_;
  std::size_t most_neighbours_;
  Graph graph_;
  Mover mover_;
  Directions directions_;
  models::Random random_;
  Archive archive_;
  Aim aim_;
  Judge judge_;
  Walker walker_;
  std::vector<Plan> first_;
  bool is_front_ = false;
  int phases_ = 1;
  std::int64_t patience_ = 0;

  std::int64_t used_ = 0;
  std::int64_t phase_end_ = 0;
  int phase_ = 0;
  std::vector<Directions::Step> steps_;  ///< from the walker's plan
  std::size_t next_ = 0;                 ///< of them
  std::int64_t tried_ = 0;               ///< random moves since
  bool kicks_ = false;                   ///< the batch is a kick
  std::int64_t kick_ = 2;                ///< most moves of one
  bool repair_due_ = false;              ///< a limit is missed: all at once may hold it
  Plan repaired_;
  Plan home_;  ///< where the last good descent ended
  Score home_score_;
};

}  // namespace

Entry local_entry() {
  return {
      "local",
      "iterated local search: steps aimed at what binds or at a missed limit first, then random",
      local_parameters,
      [](const Task& task, const Settings& settings) -> std::unique_ptr<Optimizer> {
        return std::make_unique<Local>(task, settings);
      }};
}

}  // namespace optimizers
