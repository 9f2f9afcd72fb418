#include "optimizers/linear_orders.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace optimizers {

namespace {

using Order = std::vector<std::int32_t>;

/// Always one of those that became ready last. `before(op)` and `after(op)` are what must come
/// first and what waits.
template <class Before, class After>
Order depth_first(int operators, bool last_first, Before before, After after) {
  std::vector<std::int32_t> missing(static_cast<std::size_t>(operators));
  Order ready, order;
  for (int op = 0; op < operators; ++op) {
    at(missing, op) = static_cast<std::int32_t>(before(op).size());
    if (missing[static_cast<std::size_t>(op)] == 0) ready.push_back(op);
  }
  if (!last_first) std::reverse(ready.begin(), ready.end());
  while (!ready.empty()) {
    const auto op = ready.back();
    ready.pop_back();
    order.push_back(op);
    const auto first = static_cast<std::ptrdiff_t>(ready.size());
    for (const auto next : after(op))
      if (--at(missing, next) == 0) ready.push_back(next);
    if (!last_first) std::reverse(ready.begin() + first, ready.end());
  }
  return order;
}

/// Each operator right after what it needs, for one output after the other.
class OnDemand {
 public:
  OnDemand(const models::Problem& problem, const Graph& graph)
      : graph_(graph), seen_(static_cast<std::size_t>(problem.operators), 0) {
    for (int op = 0; op < problem.operators; ++op)
      if (graph.readers(op).empty()) ends_.push_back(op);
  }

  /// Outputs that need least first.
  Order by_needs() {
    std::vector<std::pair<std::size_t, std::int32_t>> ends;
    for (const auto op : ends_) {
      start();
      if (ends_.size() <= most_counted) visit(op);
      ends.emplace_back(order_.size(), op);
    }
    std::sort(ends.begin(), ends.end());
    start();
    for (const auto& [needs, op] : ends) visit(op);
    return order_;
  }

  Order at_random(models::Random& random) {
    auto ends = ends_;
    for (auto k = static_cast<std::int64_t>(ends.size()) - 1; k > 0; --k)
      std::swap(at(ends, k), at(ends, random.below(k + 1)));
    turned_.resize(seen_.size());
    for (auto& turned : turned_) turned = random.chance(0.5) ? 1 : 0;
    start();
    for (const auto op : ends) visit(op);
    turned_.clear();
    return order_;
  }

 private:
  static constexpr std::size_t most_counted = 64;

  void start() {
    order_.clear();
    ++stamp_;
  }

  void visit(std::int32_t last) {
    stack_.assign(1, {last, 0});
    at(seen_, last) = stamp_;
    while (!stack_.empty()) {
      auto& [op, next] = stack_.back();
      const auto makers = graph_.makers(op);
      if (next == makers.size()) {
        order_.push_back(op);
        stack_.pop_back();
        continue;
      }
      const bool turned = !turned_.empty() && at(turned_, op) != 0;
      const auto maker = turned ? makers[makers.size() - 1 - next] : makers[next];
      ++next;
      if (at(seen_, maker) == stamp_) continue;
      at(seen_, maker) = stamp_;
      stack_.push_back({maker, 0});
    }
  }

  const Graph& graph_;
  Order ends_;
  std::vector<std::uint8_t> turned_;  ///< [operator] makers the other way round; empty: none
  std::vector<int> seen_;             ///< [operator] stamp
  int stamp_ = 0;
  std::vector<std::pair<std::int32_t, std::size_t>> stack_;  ///< operator, makers looked at
  Order order_;
};

}  // namespace

std::vector<Order> linear_orders(const models::Problem& problem, const Graph& graph,
                                 int random_ones, std::uint64_t seed) {
  const auto makers = [&](int op) { return graph.makers(op); };
  const auto readers = [&](int op) { return graph.readers(op); };
  std::vector<Order> orders(1, Order(static_cast<std::size_t>(problem.operators)));
  std::iota(orders[0].begin(), orders[0].end(), 0);
  const auto add = [&](Order order) {
    if (std::find(orders.begin(), orders.end(), order) == orders.end())
      orders.push_back(std::move(order));
  };
  OnDemand on_demand(problem, graph);
  add(on_demand.by_needs());
  add(depth_first(problem.operators, false, makers, readers));
  add(depth_first(problem.operators, true, makers, readers));
  auto backwards = depth_first(problem.operators, false, readers, makers);
  std::reverse(backwards.begin(), backwards.end());
  add(std::move(backwards));
  models::Random random(seed);
  for (int k = 0; k < random_ones; ++k) add(on_demand.at_random(random));
  return orders;
}

}  // namespace optimizers
