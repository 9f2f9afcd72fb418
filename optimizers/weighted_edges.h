#pragma once

#include <cstdint>
#include <vector>

namespace optimizers {

/// An edge of a graph with weights.
struct WeightedEdge {
  std::int32_t from = 0, to = 0;
  double weight = 0;
};

/// Appends the edge as seen from either end.
inline void add_both_ways(std::vector<WeightedEdge>& edges, const WeightedEdge& edge) {
  edges.push_back(edge);
  edges.push_back({edge.to, edge.from, edge.weight});
}

/// Sorts by ends and makes one edge of those with the same ends; weights add up. The same for any
/// order of the edges.
void merge(std::vector<WeightedEdge>& edges);

}  // namespace optimizers
