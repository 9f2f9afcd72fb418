#include "optimizers/placement/reach.h"

namespace optimizers {

Reach::Reach(const models::PlacementProblem& problem)
    : words_((static_cast<std::size_t>(problem.size()) + 63) / 64) {
  if (problem.size() > most) return;
  after_.resize(words_ * problem.nodes.size());
  before_.resize(after_.size());
  const auto join = [&](Set& sets, int to, int from) {
    auto* into = sets.data() + static_cast<std::size_t>(to) * words_;
    const auto* other = sets.data() + static_cast<std::size_t>(from) * words_;
    for (std::size_t i = 0; i < words_; ++i) into[i] |= other[i];
    into[static_cast<std::size_t>(from) / 64] |= std::uint64_t{1} << (from % 64);
  };
  for (const int node : problem.sorted)
    for (const int maker : problem.makers(node)) join(before_, node, maker);
  for (auto node = problem.sorted.rbegin(); node != problem.sorted.rend(); ++node)
    for (const int reader : problem.readers(*node)) join(after_, *node, reader);
}

}  // namespace optimizers
