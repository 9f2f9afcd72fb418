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

constexpr std::array tempering_parameters = {
    Parameter{"replicas", 6, 2, 256, "plans under way, each at a temperature of its own"},
    Parameter{"heat", 0.05, 1e-6, 1e6,
              "lowest temperature at the start, in typical losses of a random move"},
    Parameter{"neighbours", 4, 1, 1024, "most plans asked for at once from each replica"},
    Parameter{"slices", 16, 0, 1000,
              "weightings tried one after the other when the goal is a front"},
};

/// Parallel tempering (Swendsen & Wang 1986; Geyer 1991): replicas walk side by side, each
/// accepting losses by its own temperature, and neighbours on the ladder change places by the rule
/// that keeps each at its temperature's balance. Ratios between temperatures are led to where three
/// exchanges of ten succeed; all temperatures fall together, with the square of what is left. A
/// front is approached by phases with different weightings.
class Tempering final : public Optimizer {
 public:
  Tempering(const Task& task, const Settings& settings)
      : task_(task),
        heat_(settings[1]),
        most_neighbours_(settings[2]),
        graph_(task.problem),
        mover_(task.problem, graph_),
        random_(task.seed),
        archive_(task.goal),
        aim_(task.goal),
        judge_(task.goal, aim_),
        walkers_(static_cast<std::size_t>(settings[0]), Walker(mover_)),
        ratios_(walkers_.size() - 1, first_ratio),
        first_(first_plans(task, graph_, task.budget / 2)) {
    const auto objectives = static_cast<int>(task.goal.objectives.size());
    is_front_ = task.goal.pareto && objectives > 1;
    if (is_front_) phases_ = objectives + static_cast<int>(settings[3]);
  }

  void ask(Batch& batch) override {
    batch.clear();
    if (used_ >= task_.budget) return;
    if (used_ == 0) return ask_for(first_, batch);
    if (used_ >= phase_end_) start_phase();
    const auto left = phase_end_ - used_;
    if (sampled_ < sample_size) return walkers_.front().ask(sample_size, left, random_, batch);
    for (auto& walker : walkers_)
      walker.ask(most_neighbours_, left - std::ssize(batch.trials), random_, batch, least());
  }

  void tell(const Batch& batch, std::span<const Score> scores) override {
    for (std::size_t k = 0; k < scores.size(); ++k) archive_.offer(batch, k, scores[k]);
    const bool is_first = used_ == 0;
    used_ += std::ssize(scores);
    if (is_first) return;
    if (sampled_ < sample_size) return sample(scores);
    double temperature = lowest_temperature();
    for (std::size_t r = 0; r < walkers_.size(); ++r) {
      walkers_[r].step(batch, scores, judge_,
                       [&](double worse) { return passes(worse, 1 / temperature); });
      if (r < ratios_.size()) temperature *= ratios_[r];
    }
    exchange();
  }

  void receive(const Plan& plan, const Score& score) override {
    archive_.offer(plan, score);
    auto& coldest = walkers_.front();
    const auto standing = judge_.standing(score);
    if (judge_.loss(coldest.now(), standing) < 0) coldest.start(plan, score, standing);
  }

  void keep(State& state) override {
    for (auto& walker : walkers_) walker.keep(state);
    state(judge_, random_, archive_, aim_, used_, phase_begin_, phase_end_, phase_, round_,
          sampled_, losses_, typical_loss_, ratios_);
  }

 private:
  static constexpr int sample_size = 48;
  static constexpr double first_ratio = 2.2;
  static constexpr int large = 2000;  ///< operators

  /// Neighbours that each replica asks for in any case: where scoring takes long, enough to keep
  /// several threads busy until the last of them is done. The same for any number of threads.
  std::int64_t least() const {
    return task_.problem.operators < large ? 1 : static_cast<std::int64_t>(2 * most_neighbours_);
  }

  /// All replicas go to the best plan known for the aim of the new phase.
  void start_phase() {
    const auto left = task_.budget - used_;
    phase_begin_ = used_;
    // Before there is a front, half of the effort is for any plan that holds the limits.
    const bool seeks_any = is_front_ && archive_.best()->violation > 0 && left > task_.budget / 2;
    const int phases = seeks_any ? 2 : std::max(1, phases_ - phase_);
    phase_end_ = used_ + std::max<std::int64_t>(1, left / phases);
    if (is_front_ && !seeks_any) {
      aim_.weigh(archive_, phase_, random_);
      sampled_ = 0;
      losses_.clear();
    }
    const auto& start = best_for(aim_, archive_);
    for (auto& walker : walkers_)
      walker.start(start.plan, start.score, judge_.standing(start.score));
    judge_.set_scale(walkers_.front().now());
    if (!seeks_any) ++phase_;
  }

  /// The median loss of the first neighbours is the unit of heat.
  void sample(std::span<const Score> scores) {
    for (const auto& score : scores) {
      const double worse = judge_.loss(walkers_.front().now(), judge_.standing(score));
      if (worse > 0 && worse < 1e3) losses_.push_back(worse);
    }
    sampled_ += static_cast<int>(scores.size());
    if (sampled_ < sample_size || losses_.empty()) return;
    const auto middle = losses_.begin() + std::ssize(losses_) / 2;
    std::nth_element(losses_.begin(), middle, losses_.end());
    typical_loss_ = *middle;
  }

  double lowest_temperature() const {
    const double left = 1 - static_cast<double>(used_ - phase_begin_) /
                                static_cast<double>(phase_end_ - phase_begin_);
    // Phases of a front are short, and start near where they are to end.
    const double heat = aim_.weighted() ? heat_ / 4 : heat_;
    return heat * typical_loss_ * left * left + 1e-300;
  }

  /// The test of Metropolis.
  bool passes(double worse, double coldness) {
    return worse <= 0 || worse * coldness < -models::portable_log(1 - random_.unit());
  }

  /// Even pairs of neighbours on the ladder in one round, odd ones in the next.
  void exchange() {
    double temperature = lowest_temperature();
    for (std::size_t r = 0; r + 1 < walkers_.size(); ++r) {
      const double next = temperature * ratios_[r];
      if ((r + round_) % 2 == 0) {
        auto& colder = walkers_[r];
        auto& hotter = walkers_[r + 1];
        const bool swapped =
            passes(judge_.loss(colder.now(), hotter.now()), 1 / temperature - 1 / next);
        if (swapped) colder.exchange(hotter);
        ratios_[r] = std::clamp(ratios_[r] * (swapped ? 1.014 : 0.994), 1.1, 8.0);
      }
      temperature = next;
    }
    ++round_;
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
  std::vector<Walker> walkers_;  ///< the coldest first
  std::vector<double> ratios_;   ///< [walker] its neighbour's temperature to its own
  std::vector<Plan> first_;
  bool is_front_ = false;
  int phases_ = 1;

  std::int64_t used_ = 0;
  std::int64_t phase_begin_ = 0, phase_end_ = 0;
  int phase_ = 0;
  std::size_t round_ = 0;
  int sampled_ = 0;
  std::vector<double> losses_;  ///< sampled ones
  double typical_loss_ = 0.01;
};

}  // namespace

Entry tempering_entry() {
  return {"tempering",
          "annealing by replicas at several temperatures that change places (parallel tempering)",
          tempering_parameters,
          [](const Task& task, const Settings& settings) -> std::unique_ptr<Optimizer> {
            return std::make_unique<Tempering>(task, settings);
          }};
}

}  // namespace optimizers
