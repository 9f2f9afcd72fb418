#include <algorithm>
#include <array>
#include <limits>

#include "optimizers/aim.h"
#include "optimizers/algorithms.h"
#include "optimizers/archive.h"
#include "optimizers/first_plans.h"
#include "optimizers/move_mix.h"

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
        mix_(mover_),
        random_(task.seed),
        archive_(task.goal),
        aim_(task.goal),
        first_(first_plans(task, graph_)) {
    const auto objectives = static_cast<int>(task.goal.objectives.size());
    const bool front = task.goal.pareto && objectives > 1;
    phases_ =
        front ? objectives + static_cast<int>(settings[3]) : 1 + static_cast<int>(settings[1]);
    const auto share = static_cast<std::size_t>(std::max<std::int64_t>(1, task.budget / 2));
    if (first_.size() > share) first_.resize(share);
  }

  void ask(Batch& batch) override {
    batch.clear();
    if (used_ >= task_.budget) return;
    if (used_ == 0) {
      ask_first(batch);
      return;
    }
    if (used_ >= phase_end_) start_phase();
    const double share = accepted_share_ > 0.01 ? 1 / accepted_share_ : 100;
    const auto width = std::clamp<std::int64_t>(
        static_cast<std::int64_t>(std::min(share, most_neighbours_)), 1, phase_end_ - used_);
    batch.bases.push_back(&current_);
    drawn_.clear();
    for (std::int64_t k = 0; k < width; ++k) {
      const auto begin = static_cast<int>(batch.changes.size());
      const auto move = mix_.draw(current_, position_, random_, batch.changes);
      if (!move) break;
      drawn_.push_back(*move);
      batch.trials.push_back({0, begin, static_cast<int>(batch.changes.size())});
    }
  }

  void tell(const Batch& batch, std::span<const Score> scores) override {
    const bool is_first = used_ == 0;
    for (std::size_t k = 0; k < scores.size(); ++k) archive_.offer(batch, k, scores[k]);
    if (is_first) {
      used_ += static_cast<std::int64_t>(scores.size());
      return;
    }
    if (sampled_ < sample_size)
      sample(scores);
    else
      choose(batch, scores);
  }

  void keep(State& state) override {
    state(mix_, random_, archive_, aim_, used_, phase_begin_, phase_end_, phase_, phase_heat_,
          sampled_, losses_, typical_loss_, current_, now_, scale_, pressure_, accepted_share_);
    if (state.reading()) positions(current_, position_);
  }

 private:
  static constexpr int sample_size = 48;

  void ask_first(Batch& batch) {
    for (const auto& plan : first_) {
      batch.trials.push_back({static_cast<int>(batch.bases.size()), 0, 0});
      batch.bases.push_back(&plan);
    }
  }

  /// Heats up, and goes back to the best plan known for the aim of the new phase.
  void start_phase() {
    const auto left = task_.budget - used_;
    phase_begin_ = used_;
    phase_end_ = used_ + std::max<std::int64_t>(1, left / std::max(1, phases_ - phase_));
    phase_heat_ = heat_ / (1 + phase_);
    if (task_.goal.pareto && task_.goal.objectives.size() > 1) {
      aim_.weigh(archive_, phase_, random_);
      phase_heat_ = heat_ / 20;  // phases are short, and start near where they are to end
      sampled_ = 0;
      losses_.clear();
    }
    const auto* start = archive_.best();
    double least = std::numeric_limits<double>::infinity();
    if (aim_.weighted())
      for (const auto& member : archive_.front())
        if (const double value = aim_.value(member.score); value < least) {
          least = value;
          start = &member;
        }
    current_ = start->plan;
    positions(current_, position_);
    now_ = standing(start->score);
    // A weighting counts in parts of the front's extent; a cost in parts of itself.
    scale_ = aim_.weighted() || !(now_.value > 0) ? 1 : now_.value;
    accepted_share_ = 0.5;
    ++phase_;
  }

  /// Looks at the first neighbours without moving, to learn what a random move costs: the median of
  /// the losses becomes the unit of heat.
  void sample(std::span<const Score> scores) {
    for (const auto& score : scores) {
      ++used_;
      const double worse = loss(standing(score));
      if (worse > 0 && worse < 1e3) losses_.push_back(worse);
      ++sampled_;
    }
    if (sampled_ < sample_size || losses_.empty()) return;
    const auto middle = losses_.begin() + static_cast<std::ptrdiff_t>(losses_.size() / 2);
    std::nth_element(losses_.begin(), middle, losses_.end());
    typical_loss_ = *middle;
  }

  struct Standing {
    double value = 0;
    double violation = 0;
  };

  /// A plan that cannot run has no value to speak of, only a violation.
  Standing standing(const Score& score) {
    return {score.feasible() ? aim_.value(score) : 0, task_.goal.violation(score)};
  }

  /// How much worse `next` is than `current`, relative to the scale of the aim.
  double loss(const Standing& next) const {
    return (next.value - now_.value) / scale_ + pressure_ * (next.violation - now_.violation);
  }

  /// Takes the least bad of the trials that pass the test of Metropolis.
  void choose(const Batch& batch, std::span<const Score> scores) {
    int chosen = -1;
    double least = std::numeric_limits<double>::infinity();
    Standing chosen_standing;
    for (std::size_t k = 0; k < scores.size(); ++k) {
      const Standing next = standing(scores[k]);
      const double worse = loss(next);
      const bool accepted = passes(worse);
      accepted_share_ += 0.02 * ((accepted ? 1.0 : 0.0) - accepted_share_);
      mix_.learn(drawn_[k], worse < -1e-9, accepted);
      ++used_;
      if (!accepted || worse >= least) continue;
      least = worse;
      chosen = static_cast<int>(k);
      chosen_standing = next;
    }
    if (chosen < 0) return;
    const auto& trial = at(batch.trials, chosen);
    for (int c = trial.first_change; c < trial.end_change; ++c)
      models::apply(current_, at(batch.changes, c));
    positions(current_, position_);
    if (!aim_.weighted() && now_.value == 0 && chosen_standing.value > 0)
      scale_ = chosen_standing.value;
    now_ = chosen_standing;
    pressure_ =
        now_.violation > 0 ? std::min(pressure_ * 1.05, 1e4) : std::max(pressure_ / 1.05, 1.0);
  }

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
  MoveMix mix_;
  models::Random random_;
  Archive archive_;
  Aim aim_;
  std::vector<Plan> first_;
  int phases_ = 1;

  std::int64_t used_ = 0;
  std::int64_t phase_begin_ = 0, phase_end_ = 0;
  int phase_ = 0;
  double phase_heat_ = 0;
  int sampled_ = 0;
  std::vector<double> losses_;  ///< sampled ones
  double typical_loss_ = 0.01;
  Plan current_;
  std::vector<std::int32_t> position_;
  Standing now_;
  double scale_ = 1;     ///< of the aim's values, so that heat is relative
  double pressure_ = 1;  ///< price of a violation of 1; grows while limits are missed
  double accepted_share_ = 0.5;
  std::vector<Move> drawn_;  ///< [trial of the batch]
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
