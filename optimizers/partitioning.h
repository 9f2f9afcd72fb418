#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/problem.h"
#include "optimizers/graph.h"
#include "optimizers/weighted_edges.h"

namespace optimizers {

/// How a graph is to be cut into parts.
struct Cutting {
  std::vector<double> shares;  ///< [part] of the nodes' weight, adding up to 1
  double imbalance = 1.03;     ///< a part may have so many times its share
  bool recursive = false;      ///< by recursive bisection rather than k ways at once
  int seed = 1;
};

/// An undirected graph with weights of nodes and edges.
struct WeightedGraph {
  std::vector<double> node_weight;
  std::vector<WeightedEdge> edges;  ///< in any order; doubles add up
};

/// [node] part: few and light edges between parts of the wanted shares, by METIS (Karypis & Kumar
/// 1998). The same for the same seed. Throws std::runtime_error when METIS fails.
std::vector<int> partition(const WeightedGraph& graph, const Cutting& cutting);

/// The operators with their mean times and the bytes between them.
WeightedGraph weighted_graph(const models::Problem& problem, const Graph& graph);

/// [device] share of the work by speed: what all operators would take there, unsupported ones ten
/// times their mean.
std::vector<double> speed_shares(const models::Problem& problem);

/// Changes parts such that no edge leads from a later part to an earlier one, parts ranked by where
/// their operators stand in the order on average. Makers before readers, parts stay whole where
/// they can.
void make_acyclic(const Graph& graph, std::span<const std::int32_t> order, int parts,
                  std::vector<int>& part);

}  // namespace optimizers
