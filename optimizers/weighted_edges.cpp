#include "optimizers/weighted_edges.h"

#include <algorithm>

namespace optimizers {

void merge(std::vector<WeightedEdge>& edges) {
  std::sort(edges.begin(), edges.end(), [](const WeightedEdge& a, const WeightedEdge& b) {
    return a.from != b.from ? a.from < b.from : a.to != b.to ? a.to < b.to : a.weight < b.weight;
  });
  std::size_t kept = 0;
  for (const auto& edge : edges) {
    if (kept > 0 && edges[kept - 1].from == edge.from && edges[kept - 1].to == edge.to)
      edges[kept - 1].weight += edge.weight;
    else
      edges[kept++] = edge;
  }
  edges.resize(kept);
}

}  // namespace optimizers
