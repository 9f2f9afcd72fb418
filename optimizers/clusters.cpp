#include "optimizers/clusters.h"

#include <algorithm>
#include <numeric>

namespace optimizers {

void Clusters::coarsen(const models::Problem& problem, const Graph& graph, const models::Plan& plan,
                       int fewest, models::Random& random) {
  levels_.assign(1, {});
  auto& finest = levels_.front();
  finest.begin.resize(static_cast<std::size_t>(problem.operators) + 1);
  finest.member.resize(static_cast<std::size_t>(problem.operators));
  std::iota(finest.begin.begin(), finest.begin.end(), 0);
  std::iota(finest.member.begin(), finest.member.end(), 0);
  edges_.clear();
  for (const auto& [maker, reader, tensor] : graph.edges()) {
    if (at(plan.device, maker) != at(plan.device, reader)) continue;
    const auto bytes = static_cast<double>(at(problem.bytes, tensor * problem.formats)) + 1;
    add_both_ways(edges_, {maker, reader, bytes});
  }
  merge(edges_);
  for (int now = count(0); now > fewest;) {
    const auto joined = match(now, random);
    const int next = 1 + *std::max_element(joined.begin(), joined.end());
    if (next > now - now / 20 - 1) return;
    add_level(joined, next);
    for (auto& edge : edges_) {
      edge.from = at(joined, edge.from);
      edge.to = at(joined, edge.to);
    }
    std::erase_if(edges_, [](const WeightedEdge& edge) { return edge.from == edge.to; });
    merge(edges_);
    now = next;
  }
}

/// [cluster] number of the pair or single it becomes: in random order, each takes the free
/// neighbour with the heaviest edge.
std::vector<std::int32_t> Clusters::match(int count, models::Random& random) {
  std::vector<std::int32_t> visits(static_cast<std::size_t>(count)), joined(visits.size(), -1);
  std::iota(visits.begin(), visits.end(), 0);
  for (auto k = visits.size(); k-- > 1;)
    std::swap(visits[k], at(visits, random.below(static_cast<std::int64_t>(k) + 1)));
  std::vector<std::int32_t> first(visits.size() + 1, 0);
  for (const auto& edge : edges_) ++at(first, edge.from + 1);
  std::partial_sum(first.begin(), first.end(), first.begin());
  std::int32_t next = 0;
  for (const auto one : visits) {
    if (at(joined, one) >= 0) continue;
    const WeightedEdge* heaviest = nullptr;
    for (auto e = at(first, one); e < at(first, one + 1); ++e) {
      const auto& edge = at(edges_, e);
      if (at(joined, edge.to) < 0 && (heaviest == nullptr || edge.weight > heaviest->weight))
        heaviest = &edge;
    }
    if (heaviest != nullptr) at(joined, heaviest->to) = next;
    at(joined, one) = next++;
  }
  return joined;
}

void Clusters::add_level(std::span<const std::int32_t> joined, int count) {
  Level next;
  next.begin.assign(static_cast<std::size_t>(count) + 1, 0);
  const auto& last = levels_.back();
  const auto size = [&](std::size_t c) { return last.begin[c + 1] - last.begin[c]; };
  for (std::size_t c = 0; c < joined.size(); ++c) at(next.begin, joined[c] + 1) += size(c);
  std::partial_sum(next.begin.begin(), next.begin.end(), next.begin.begin());
  auto free = next.begin;
  next.member.resize(last.member.size());
  for (std::size_t c = 0; c < joined.size(); ++c)
    for (auto k = last.begin[c]; k < last.begin[c + 1]; ++k)
      at(next.member, at(free, joined[c])++) = at(last.member, k);
  levels_.push_back(std::move(next));
}

}  // namespace optimizers
