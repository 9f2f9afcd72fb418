#include "optimizers/bandit.h"

#include <algorithm>
#include <cmath>

#include "models/random.h"

namespace optimizers {

std::size_t Bandit::choose() const {
  double all = 0, most = 0;
  for (const auto& arm : arms_) {
    all += arm.tried;
    if (arm.tried > 0) most = std::max(most, arm.gained / arm.tried);
  }
  std::size_t chosen = 0;
  double highest = -1;
  for (std::size_t k = 0; k < arms_.size(); ++k) {
    const auto& arm = arms_[k];
    if (arm.tried == 0) return k;
    const double mean = most > 0 ? arm.gained / arm.tried / most : 0;
    const double doubt = std::sqrt(models::portable_log(std::max(all, 1.0) + 1) / arm.tried);
    if (const double bound = mean + curiosity_ * doubt; bound > highest) {
      highest = bound;
      chosen = k;
    }
  }
  return chosen;
}

void Bandit::learn(std::size_t arm, double gain) {
  for (auto& each : arms_) {
    each.tried *= memory;
    each.gained *= memory;
  }
  arms_[arm].tried += 1;
  arms_[arm].gained += gain;
}

}  // namespace optimizers
