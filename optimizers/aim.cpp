#include "optimizers/aim.h"

#include <algorithm>

namespace optimizers {

namespace {

/// The van der Corput sequence: 1/2, 1/4, 3/4, 1/8 ... for 1, 2, 3, 4.
double evenly_spread(int number) {
  double value = 0, part = 0.5;
  for (; number > 0; number /= 2, part /= 2) value += number % 2 * part;
  return value;
}

}  // namespace

void Aim::weigh(const Archive& archive, int index, models::Random& random) {
  const auto count = goal_.objectives.size();
  weight_.assign(count, 0.01);
  if (index < static_cast<int>(count)) {
    weight_[static_cast<std::size_t>(index)] = 1;
  } else if (count == 2) {
    weight_[0] = evenly_spread(index - 1);
    weight_[1] = 1 - weight_[0];
  } else {
    double sum = 0;
    for (auto& weight : weight_) sum += weight = -models::portable_log(1 - random.unit()) + 1e-3;
    for (auto& weight : weight_) weight /= sum;
  }
  const auto front = archive.front();
  lowest_ = extent_ = front.front().values;
  for (const auto& member : front)
    for (std::size_t i = 0; i < count; ++i) {
      lowest_[i] = std::min(lowest_[i], member.values[i]);
      extent_[i] = std::max(extent_[i], member.values[i]);
    }
  for (std::size_t i = 0; i < count; ++i) {
    extent_[i] -= lowest_[i];
    if (!(extent_[i] > 0)) extent_[i] = lowest_[i] > 0 ? lowest_[i] : 1;
  }
}

double Aim::value(const models::Score& score) {
  if (!weighted()) return goal_.cost(score);
  goal_.values(score, values_);
  double largest = 0, sum = 0;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const double term = weight_[i] * (values_[i] - lowest_[i]) / extent_[i];
    largest = i == 0 ? term : std::max(largest, term);
    sum += term;
  }
  return largest + 0.05 * sum;
}

}  // namespace optimizers
