#pragma once

#include <cstddef>
#include <vector>

#include "optimizers/state.h"

namespace optimizers {

/// Chooses whom to give the next share of effort: whoever gained most per effort lately, and
/// everybody now and then. Discounted upper confidence bounds (Garivier & Moulines, On
/// upper-confidence bound policies for switching bandit problems, 2011), with gains relative to the
/// largest. Leaves nothing to chance.
class Bandit {
 public:
  Bandit(std::size_t arms, double curiosity) : arms_(arms), curiosity_(curiosity) {}

  /// Who is next; the first of equals. Who was never tried comes first.
  std::size_t choose() const;
  /// What came of a share: `gain` per effort, any unit, not negative.
  void learn(std::size_t arm, double gain);

  void keep(State& state) { state(arms_); }

 private:
  static constexpr double memory = 0.9;  ///< what counts of a share after one more

  struct Arm {
    double tried = 0;   ///< shares, discounted
    double gained = 0;  ///< sum of gains, discounted
  };
  std::vector<Arm> arms_;
  double curiosity_;
};

}  // namespace optimizers
