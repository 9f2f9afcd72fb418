#pragma once

#include <array>
#include <optional>

#include "optimizers/moves.h"
#include "optimizers/state.h"

namespace optimizers {

/// Which kinds of moves to draw how often: those that lead to better plans more often, none never.
/// Adapts by probability matching over the recent past.
class MoveMix {
 public:
  explicit MoveMix(Mover& mover) : mover_(mover) {
    for (int kind = 0; kind < move_kinds; ++kind)
      at(weight_, kind) = mover.possible(static_cast<Move>(kind)) ? 1.0 : 0.0;
  }

  /// Draws a kind and a step of it; nothing if no kind can change the plan.
  std::optional<Move> draw(const Base& base, models::Random& random,
                           std::vector<models::Change>& changes);

  /// Learns how a step turned out.
  void learn(Move move, bool improved, bool accepted);

  void keep(State& state) { state(weight_, tried_, gained_, learned_); }

 private:
  static constexpr int window = 500;       ///< steps between adaptations
  static constexpr int most_draws = 1000;  ///< before it holds that nothing can be changed
  static constexpr double floor_ = 0.15;   ///< share of the weight that stays evenly spread

  void adapt();

  Mover& mover_;
  std::array<double, static_cast<std::size_t>(move_kinds)> weight_{}, tried_{}, gained_{};
  int learned_ = 0;
};

}  // namespace optimizers
