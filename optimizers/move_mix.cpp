#include "optimizers/move_mix.h"

namespace optimizers {

std::optional<Move> MoveMix::draw(const Base& base, models::Random& random,
                                  std::vector<models::Change>& changes) {
  double sum = 0;
  for (const double weight : weight_) sum += weight;
  for (int k = 0; k < most_draws && sum > 0; ++k) {
    double left = random.unit() * sum;
    int kind = 0;
    while (kind + 1 < move_kinds && left >= at(weight_, kind)) left -= at(weight_, kind++);
    const auto move = static_cast<Move>(kind);
    if (mover_.draw(move, base, random, changes)) return move;
    at(tried_, kind) += 1;  // kinds that find nothing to change are drawn less
  }
  return std::nullopt;
}

void MoveMix::learn(Move move, bool improved, bool accepted) {
  const auto kind = static_cast<int>(move);
  at(tried_, kind) += 1;
  at(gained_, kind) += improved ? 1.0 : accepted ? 0.05 : 0.0;
  if (++learned_ % window == 0) adapt();
}

void MoveMix::adapt() {
  double best = 0;
  for (int kind = 0; kind < move_kinds; ++kind)
    if (at(tried_, kind) > 0) best = std::max(best, at(gained_, kind) / at(tried_, kind));
  for (int kind = 0; kind < move_kinds; ++kind) {
    if (!mover_.possible(static_cast<Move>(kind))) continue;
    const double rate = at(tried_, kind) > 0 ? at(gained_, kind) / at(tried_, kind) : best;
    at(weight_, kind) = floor_ + (best > 0 ? rate / best : 0);
    at(tried_, kind) /= 2;
    at(gained_, kind) /= 2;
  }
}

}  // namespace optimizers
