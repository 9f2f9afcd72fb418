#include <algorithm>
#include <array>
#include <limits>

#include "optimizers/aim.h"
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

constexpr std::array annealing_parameters = {
    Parameter{"heat", 2, 1e-6, 1e6, "temperature at the start, in typical losses of a random move"},
    Parameter{"reheats", 3, 0, 1000, "how often the search is heated up again, from the best plan"},
    Parameter{"neighbours", 16, 1, 1024, "most plans asked for at once from one base"},
    Parameter{"slices", 16, 0, 1000,
              "weightings tried one after the other when the goal is a front"},
};

/// Simulated annealing (Kirkpatrick, Gelatt, Vecchi 1983) from the best greedy plan. The
/// temperature falls with the fourth power of what is left of a phase; each phase starts from the
/// best plan found for its aim. A front is approached by phases with different weightings.
class Annealing final : public Optimizer {
 public:
  Annealing(const Task& task, const Settings& settings)
      : task_(task),
        heat_(settings[0]),
        most_neighbours_(settings[2]),
        graph_(task.problem),
        mover_(task.problem, graph_),
        random_(task.seed),
        archive_(task.goal),
        aim_(task.goal),
        judge_(task.goal, aim_),
        walker_(mover_),
        first_(first_plans(task, graph_, task.budget / 2)) {
    const auto objectives = static_cast<int>(task.goal.objectives.size());
    const bool front = task.goal.pareto && objectives > 1;
    phases_ =
        front ? objectives + static_cast<int>(settings[3]) : 1 + static_cast<int>(settings[1]);
  }

  void ask(Batch& batch) override {
    batch.clear();
    if (used_ >= task_.budget) return;
    if (used_ == 0) {
      ask_for(first_, batch);
      return;
    }
    if (used_ >= phase_end_) start_phase();
    walker_.ask(most_neighbours_, phase_end_ - used_, random_, batch, least());
  }

  void tell(const Batch& batch, std::span<const Score> scores) override {
    for (std::size_t k = 0; k < scores.size(); ++k) archive_.offer(batch, k, scores[k]);
    if (used_ > 0 && sampled_ < sample_size)
      sample(scores);
    else if (used_ > 0)
      walker_.step(batch, scores, judge_, [this](double worse) { return passes(worse); });
    used_ += static_cast<std::int64_t>(scores.size());
  }

  /// For the next phase to start from: a jump while it is hot would tie the walk to one valley.
  void receive(const Plan& plan, const Score& score) override { archive_.offer(plan, score); }

  void keep(State& state) override {
    state(walker_, judge_, random_, archive_, aim_, used_, phase_begin_, phase_end_, phase_,
          phase_heat_, sampled_, losses_, typical_loss_);
  }

 private:
  static constexpr int sample_size = 48;
  static constexpr int large = 2000;  ///< operators

  /// Neighbours asked for in any case: where scoring takes long, enough for several threads. What
  /// is lost by trying more than one is gained by choosing among them. The same for any number of
  /// threads.
  std::int64_t least() const {
    return task_.problem.operators < large
               ? 1
               : static_cast<std::int64_t>(std::min(4.0, most_neighbours_));
  }

  /// Heats up, and goes back to the best plan known for the aim of the new phase.
  void start_phase() {
    const auto left = task_.budget - used_;
    phase_begin_ = used_;
    phase_heat_ = heat_;
    const bool is_front = task_.goal.pareto && task_.goal.objectives.size() > 1;
    // Before there is a front, half of the effort is for any plan that holds the limits.
    const bool seeks_any = is_front && archive_.best()->violation > 0 && left > task_.budget / 2;
    const int phases = seeks_any ? 2 : std::max(1, phases_ - phase_);
    phase_end_ = used_ + std::max<std::int64_t>(1, left / phases);
    if (is_front && !seeks_any) {
      aim_.weigh(archive_, phase_, random_);
      // Phases are short, and start near where they are to end.
      phase_heat_ = heat_ / 20;
      sampled_ = 0;
      losses_.clear();
    }
    const auto& start = best_for(aim_, archive_);
    walker_.start(start.plan, start.score, judge_.standing(start.score));
    judge_.set_scale(walker_.now());
    if (!seeks_any) ++phase_;
  }

  /// Looks at the first neighbours without moving, to learn what a random move costs: the median of
  /// the losses becomes the unit of heat.
  void sample(std::span<const Score> scores) {
    for (const auto& score : scores) {
      const double worse = judge_.loss(walker_.now(), judge_.standing(score));
      if (worse > 0 && worse < 1e3) losses_.push_back(worse);
      ++sampled_;
    }
    if (sampled_ < sample_size || losses_.empty()) return;
    const auto middle = losses_.begin() + static_cast<std::ptrdiff_t>(losses_.size() / 2);
    std::nth_element(losses_.begin(), middle, losses_.end());
    typical_loss_ = *middle;
  }

  /// The test of Metropolis.
  bool passes(double worse) {
    if (worse <= 0) return true;
    const double done =
        static_cast<double>(used_ - phase_begin_) / static_cast<double>(phase_end_ - phase_begin_);
    const double cool = (1 - done) * (1 - done);
    const double temperature = phase_heat_ * typical_loss_ * cool * cool;
    return worse < -temperature * models::portable_log(1 - random_.unit());
  }

  Task task_;
  double heat_;
  double most_neighbours_;
  Graph graph_;
  Mover mover_;
  models::Random random_;
  Archive archive_;
  Aim aim_;
  Judge judge_;
  Walker walker_;
  std::vector<Plan> first_;
  int phases_ = 1;

  std::int64_t used_ = 0;
  std::int64_t phase_begin_ = 0, phase_end_ = 0;
  int phase_ = 0;
  double phase_heat_ = 0;
  int sampled_ = 0;
  std::vector<double> losses_;  ///< sampled ones
  double typical_loss_ = 0.01;
};

}  // namespace

Entry annealing_entry() {
  return {"annealing", "simulated annealing from the best greedy plan, with reheats",
          annealing_parameters,
          [](const Task& task, const Settings& settings) -> std::unique_ptr<Optimizer> {
            return std::make_unique<Annealing>(task, settings);
          }};
}

}  // namespace optimizers
