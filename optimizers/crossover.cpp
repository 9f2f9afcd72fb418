#include "optimizers/crossover.h"

#include <algorithm>

namespace optimizers {

using models::Plan;
using models::Random;

Crossover::Crossover(const models::Problem& problem, const Graph& graph)
    : problem_(problem), graph_(graph), marked_(static_cast<std::size_t>(problem.operators)) {}

void Crossover::cross(const Plan& a, const Plan& b, Random& random, Plan& child) {
  child = a;
  std::fill(marked_.begin(), marked_.end(), std::uint8_t{0});
  if (random.chance(0.5)) {
    mark_suffix(a, random);
    merge_order(a, b, child);
  } else {
    mark_block(random);
  }
  take_marked(b, child);
  for (int link = 0; link < problem_.links; ++link)
    if (random.chance(0.5)) at(child.lanes, link) = at(b.lanes, link);
}

void Crossover::mark_suffix(const Plan& a, Random& random) {
  const auto count = static_cast<std::int64_t>(a.order.size());
  for (auto k = random.below(count); k < count; ++k) at(marked_, at(a.order, k)) = 1;
}

void Crossover::mark_block(Random& random) {
  const auto size = static_cast<std::size_t>(1 + random.below(std::max(1, problem_.operators / 2)));
  block_.assign(1, static_cast<std::int32_t>(random.below(problem_.operators)));
  at(marked_, block_.front()) = 1;
  const auto visit = [&](std::span<const std::int32_t> neighbours) {
    for (const auto op : neighbours) {
      if (block_.size() >= size || at(marked_, op) != 0) continue;
      at(marked_, op) = 1;
      block_.push_back(op);
    }
  };
  for (std::size_t k = 0; k < block_.size(); ++k) {
    const int op = block_[k];
    visit(graph_.makers(op));
    visit(graph_.readers(op));
  }
}

/// A prefix of one topological order, then the others as in another order, is topological again.
void Crossover::merge_order(const Plan& a, const Plan& b, Plan& child) const {
  child.order.clear();
  for (const auto op : a.order)
    if (at(marked_, op) == 0) child.order.push_back(op);
  for (const auto op : b.order)
    if (at(marked_, op) != 0) child.order.push_back(op);
}

void Crossover::take_marked(const Plan& b, Plan& child) const {
  for (int op = 0; op < problem_.operators; ++op) {
    if (at(marked_, op) == 0) continue;
    at(child.device, op) = at(b.device, op);
    at(child.precision, op) = at(b.precision, op);
    const auto begin = at(problem_.output_begin, op) * problem_.devices;
    const auto end = at(problem_.output_begin, op + 1) * problem_.devices;
    std::copy(b.wire.begin() + begin, b.wire.begin() + end, child.wire.begin() + begin);
  }
}

}  // namespace optimizers
