#include "optimizers/orders.h"

#include <map>

namespace optimizers {

Orders::Orders(const Graph& graph, int operators)
    : graph_(graph), order_(static_cast<std::size_t>(operators)) {
  for (int op = 0; op < operators; ++op)
    missing_.push_back(static_cast<std::int32_t>(graph.makers(op).size()));
  fill(0);
}

std::int32_t Orders::ready_from(std::int32_t op) const {
  const auto count = static_cast<std::int32_t>(missing_.size());
  while (op < count && at(missing_, op) != 0) ++op;
  return op < count ? op : -1;
}

void Orders::place(std::size_t position, std::int32_t op) {
  order_[position] = op;
  at(missing_, op) = -1;
  for (const auto reader : graph_.readers(op)) --at(missing_, reader);
}

void Orders::fill(std::size_t from) {
  for (auto k = from; k < order_.size(); ++k) place(k, ready_from(0));
}

bool Orders::next() {
  for (auto k = order_.size(); k-- > 0;) {
    const auto op = order_[k];
    at(missing_, op) = 0;
    for (const auto reader : graph_.readers(op)) ++at(missing_, reader);
    const auto other = ready_from(op + 1);
    if (other < 0) continue;
    place(k, other);
    fill(k + 1);
    return true;
  }
  fill(0);
  return false;
}

Count Orders::count(const Graph& graph, int operators, bool& exact) {
  constexpr std::size_t most_sets = 20'000;
  using Set = std::vector<bool>;  // of operators already placed
  std::map<Set, Count> ways;
  ways[Set(static_cast<std::size_t>(operators))] = 1;
  exact = true;
  const auto ready = [&](const Set& placed, int op) {
    if (at(placed, op)) return false;
    for (const auto maker : graph.makers(op))
      if (!at(placed, maker)) return false;
    return true;
  };
  std::size_t followed = 0;
  for (int size = 0; size < operators && exact; ++size) {
    std::map<Set, Count> longer;
    for (const auto& [placed, number] : ways)
      for (int op = 0; op < operators; ++op) {
        if (!ready(placed, op)) continue;
        Set next = placed;
        next[static_cast<std::size_t>(op)] = true;
        longer[next] += number;
      }
    ways = std::move(longer);
    followed += ways.size();
    exact = followed <= most_sets || size + 1 == operators;
  }
  Count sum;
  for (const auto& [placed, number] : ways) sum += number;
  return sum;
}

}  // namespace optimizers
