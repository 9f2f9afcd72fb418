#pragma once

#include <limits>
#include <span>
#include <vector>

#include "optimizers/aim.h"
#include "optimizers/directions.h"
#include "optimizers/move_mix.h"

namespace optimizers {

/// How good a plan is for an aim.
struct Standing {
  double value = 0;
  double violation = 0;
};

/// What walkers are told of scores: a value to make small, and a price of violations that grows
/// while limits are missed.
class Judge {
 public:
  Judge(const models::Goal& goal, Aim& aim) : goal_(goal), aim_(aim) {}

  /// Misses count relative to their limits, memory too, so that a walk can cross what does not fit.
  Standing standing(const models::Score& score);
  /// How much worse the second is than the first, relative to the scale.
  double loss(const Standing& from, const Standing& to) const {
    return (to.value - from.value) / scale_ + pressure_ * (to.violation - from.violation);
  }
  /// A weighting counts in parts of the front's extent; a cost in parts of itself.
  void set_scale(const Standing& now) {
    scale_ = aim_.weighted() || !(now.value > 0) ? 1 : now.value;
  }
  /// Where a walker has gone.
  void note(const Standing& before, const Standing& now);

  void keep(State& state) { state(scale_, pressure_); }

 private:
  const models::Goal& goal_;
  Aim& aim_;
  double scale_ = 1;
  double pressure_ = 1;
};

/// The best plan found for the aim: the archive's best, or the one of its front whose weighted
/// value is least.
const Archive::Member& best_for(Aim& aim, const Archive& archive);

/// A plan that steps from neighbour to neighbour.
class Walker {
 public:
  explicit Walker(Mover& mover) : mix_(mover) {}

  void start(const models::Plan& plan, const models::Score& score, const Standing& standing);
  const models::Plan& plan() const { return plan_; }
  const Standing& now() const { return now_; }
  const models::Score& score() const { return score_; }
  /// Adds itself and up to `most` neighbours to the batch: as many as are needed until one will
  /// probably be accepted, going by the recent past, but at least `least`.
  void ask(double most, std::int64_t left, models::Random& random, models::Batch& batch,
           std::int64_t least = 1);

  /// Adds itself and the neighbours that the steps lead to.
  void ask(std::span<const Directions::Step> steps, models::Batch& batch);
  /// Adds itself and one plan that is so many random moves away.
  void ask_far(int moves, models::Random& random, models::Batch& batch);

  /// Goes to the least bad of its neighbours in the batch whose loss `passes`, if any does.
  template <class Passes>
  bool step(const models::Batch& batch, std::span<const models::Score> scores, Judge& judge,
            Passes passes) {
    int chosen = -1;
    double least = std::numeric_limits<double>::infinity();
    Standing standing;
    for (std::size_t k = 0; k < drawn_.size(); ++k) {
      const auto next = judge.standing(scores[first_ + k]);
      const double worse = judge.loss(now_, next);
      const bool accepted = passes(worse);
      accepted_share_ += 0.02 * ((accepted ? 1.0 : 0.0) - accepted_share_);
      if (drawn_[k] != Move::count_) mix_.learn(drawn_[k], worse < -1e-9, accepted);
      if (!accepted || worse >= least) continue;
      least = worse;
      chosen = static_cast<int>(k);
      standing = next;
    }
    if (chosen < 0) return false;
    judge.note(now_, standing);
    const auto trial = first_ + static_cast<std::size_t>(chosen);
    go(batch, batch.trials[trial], scores[trial], standing);
    return true;
  }

  /// The two change places, and keep what they have learnt of moves.
  void exchange(Walker& other);

  void keep(State& state);

 private:
  int begin(models::Batch& batch);
  void go(const models::Batch& batch, const models::Batch::Trial& trial, const models::Score& score,
          const Standing& standing);

  MoveMix mix_;
  models::Plan plan_;
  std::vector<std::int32_t> position_;  ///< [operator] in the plan's order
  Standing now_;
  models::Score score_;
  double accepted_share_ = 0.5;
  std::size_t first_ = 0;    ///< its first trial of the batch
  std::vector<Move> drawn_;  ///< [own trial of the batch]; count_: not drawn by the mix
};

}  // namespace optimizers
