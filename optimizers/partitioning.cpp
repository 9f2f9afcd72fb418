#include "optimizers/partitioning.h"

#include <metis.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <string>

namespace optimizers {

namespace {

/// The graph as METIS wants it: each edge from both ends, whole weights that add up to 32 bits.
struct Compressed {
  std::vector<idx_t> begin, neighbour, edge_weight, node_weight;
};

idx_t whole(double weight, double unit) {
  return static_cast<idx_t>(std::max(1.0, std::floor(weight / unit)));
}

std::vector<WeightedEdge> both_ways(const WeightedGraph& graph) {
  std::vector<WeightedEdge> edges;
  for (const auto& edge : graph.edges)
    if (edge.from != edge.to) add_both_ways(edges, edge);
  merge(edges);
  return edges;
}

Compressed compress(const WeightedGraph& graph) {
  constexpr double most = 1e9;
  const auto edges = both_ways(graph);
  double nodes_sum = 0, edges_sum = 0;
  for (const double weight : graph.node_weight) nodes_sum += weight;
  for (const auto& edge : edges) edges_sum += edge.weight;
  Compressed result;
  for (const double weight : graph.node_weight)
    result.node_weight.push_back(whole(weight, std::max(nodes_sum, 1e-300) / most));
  result.begin.assign(graph.node_weight.size() + 1, 0);
  for (const auto& edge : edges) {
    ++at(result.begin, edge.from + 1);
    result.neighbour.push_back(static_cast<idx_t>(edge.to));
    result.edge_weight.push_back(whole(edge.weight, std::max(edges_sum, 1e-300) / most));
  }
  std::partial_sum(result.begin.begin(), result.begin.end(), result.begin.begin());
  return result;
}

void check(int answer) {
  if (answer == METIS_OK) return;
  throw std::runtime_error("METIS failed with code " + std::to_string(answer));
}

}  // namespace

std::vector<int> partition(const WeightedGraph& graph, const Cutting& cutting) {
  auto nodes = static_cast<idx_t>(graph.node_weight.size());
  auto parts = static_cast<idx_t>(cutting.shares.size());
  std::vector<idx_t> part(graph.node_weight.size(), 0);
  if (nodes <= parts) std::iota(part.begin(), part.end(), 0);
  if (parts > 1 && nodes > parts) {
    auto compressed = compress(graph);
    // METIS divides by shares.
    constexpr double least = 1e-4;
    double sum = 0;
    for (const double share : cutting.shares) sum += std::max(share, least);
    std::vector<real_t> shares;
    for (const double share : cutting.shares)
      shares.push_back(static_cast<real_t>(std::max(share, least) / sum));
    auto imbalance = static_cast<real_t>(cutting.imbalance);
    idx_t options[METIS_NOPTIONS];
    check(METIS_SetDefaultOptions(options));
    options[METIS_OPTION_SEED] = cutting.seed;
    options[METIS_OPTION_NUMBERING] = 0;
    idx_t constraints = 1, cut = 0;
    // It draws from the C library's one generator, and catches signals while it works.
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    const auto cut_up = cutting.recursive ? METIS_PartGraphRecursive : METIS_PartGraphKway;
    check(cut_up(&nodes, &constraints, compressed.begin.data(), compressed.neighbour.data(),
                 compressed.node_weight.data(), nullptr, compressed.edge_weight.data(), &parts,
                 shares.data(), &imbalance, options, &cut, part.data()));
  }
  return {part.begin(), part.end()};
}

WeightedGraph weighted_graph(const models::Problem& problem, const Graph& graph) {
  WeightedGraph result;
  for (int op = 0; op < problem.operators; ++op) {
    double sum = 0;
    for (const auto option : problem.options(op))
      sum += static_cast<double>(
          problem.duration[problem.cost_index(op, option.device, option.precision)]);
    result.node_weight.push_back(sum / static_cast<double>(problem.options(op).size()));
  }
  for (const auto& edge : graph.edges())
    result.edges.push_back({edge.maker, edge.reader,
                            static_cast<double>(at(problem.bytes, edge.tensor * problem.formats))});
  return result;
}

std::vector<double> speed_shares(const models::Problem& problem) {
  std::vector<double> speed(static_cast<std::size_t>(problem.devices), 0), time(speed);
  for (int op = 0; op < problem.operators; ++op) {
    std::vector<double> best(speed.size(), -1);
    double sum = 0;
    for (const auto option : problem.options(op)) {
      const auto takes = static_cast<double>(
          problem.duration[problem.cost_index(op, option.device, option.precision)]);
      sum += takes;
      if (auto& least = at(best, option.device); least < 0 || takes < least) least = takes;
    }
    const double missing = 10 * sum / static_cast<double>(problem.options(op).size());
    for (std::size_t d = 0; d < best.size(); ++d) time[d] += best[d] < 0 ? missing : best[d];
  }
  double sum = 0;
  for (std::size_t d = 0; d < speed.size(); ++d)
    sum += speed[d] = at(problem.slots, d) / std::max(time[d], 1.0);
  for (auto& each : speed) each /= sum;
  return speed;
}

void make_acyclic(const Graph& graph, std::span<const std::int32_t> order, int parts,
                  std::vector<int>& part) {
  std::vector<double> sum(static_cast<std::size_t>(parts), 0), count(sum);
  for (std::size_t k = 0; k < order.size(); ++k) {
    at(sum, at(part, order[k])) += static_cast<double>(k);
    at(count, at(part, order[k])) += 1;
  }
  std::vector<int> ranked(sum.size()), rank(sum.size());
  std::iota(ranked.begin(), ranked.end(), 0);
  const auto middle = [&](int p) { return at(count, p) > 0 ? at(sum, p) / at(count, p) : 0; };
  std::stable_sort(ranked.begin(), ranked.end(),
                   [&](int a, int b) { return middle(a) < middle(b); });
  for (int r = 0; r < parts; ++r) at(rank, at(ranked, r)) = r;
  for (const auto op : order) {
    int least = at(rank, at(part, op));
    for (const auto maker : graph.makers(op)) least = std::max(least, at(rank, at(part, maker)));
    at(part, op) = at(ranked, least);
  }
}

}  // namespace optimizers
