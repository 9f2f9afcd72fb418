#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <queue>

#include "models/index.h"
#include "models/placement/fault.h"
#include "models/placement/holdable.h"
#include "models/placement/placement.h"

namespace models {
namespace {

using Pairs = std::vector<PlacementEdge>;
using Part = PlacementFault::Part;

std::string node_name(const PlacementProblem& problem, int node) {
  return std::to_string(at(problem.nodes, node).id);
}

/// Everything that is ever added up (each output may be paid for by its maker and every reader)
/// stays far from the end of the range.
void check_sums(const PlacementProblem& problem, std::span<const PlacementEdge> edges) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 4;
  std::int64_t time = 0, bytes = 0;
  const auto add = [&](std::int64_t& sum, std::int64_t more, Part part, int index, int node) {
    const std::string what = &sum == &time ? "time" : "size";
    if (more < 0)
      throw PlacementFault(part, index, "node " + node_name(problem, node) + ": negative " + what);
    if (more > most - sum)
      throw PlacementFault(part, index,
                           "the " + what + "s of all nodes add up to too much at node " +
                               node_name(problem, node) +
                               (&sum == &bytes ? " (the limit is 2 EiB): make sizes smaller"
                                               : " (the limit is 26 days): make times shorter"));
    sum += more;
  };
  for (int n = 0; n < problem.size(); ++n) {
    const auto& node = at(problem.nodes, n);
    add(time, node.cpu.count(), Part::node, n, n);
    add(time, node.accelerator.count(), Part::node, n, n);
    add(time, node.send.count(), Part::node, n, n);
    add(bytes, node.size, Part::node, n, n);
  }
  for (std::size_t e = 0; e < edges.size(); ++e)
    add(time, at(problem.nodes, edges[e].from).send.count(), Part::edge, static_cast<int>(e),
        edges[e].from);
}

/// [node + 1] and the other ends of the pairs, which are sorted by `from`.
void fill(std::vector<int>& begin, std::vector<int>& other, const Pairs& sorted, int nodes) {
  begin.assign(at(nodes) + 1, 0);
  other.clear();
  for (const auto& edge : sorted) {
    ++begin[at(edge.from) + 1];
    other.push_back(edge.to);
  }
  for (std::size_t n = 0; n < at(nodes); ++n) begin[n + 1] += begin[n];
}

void fill_edges(PlacementProblem& problem, Pairs edges) {
  const auto by_ends = [](const PlacementEdge& a, const PlacementEdge& b) {
    return a.from != b.from ? a.from < b.from : a.to < b.to;
  };
  std::sort(edges.begin(), edges.end(), by_ends);
  const auto same = [](const PlacementEdge& a, const PlacementEdge& b) {
    return a.from == b.from && a.to == b.to;
  };
  edges.erase(std::unique(edges.begin(), edges.end(), same), edges.end());
  fill(problem.reader_begin, problem.reader, edges, problem.size());
  for (auto& edge : edges) std::swap(edge.from, edge.to);
  std::sort(edges.begin(), edges.end(), by_ends);
  fill(problem.maker_begin, problem.maker, edges, problem.size());
}

/// A circle among the nodes that could not be sorted, each of which has such a maker: each reads
/// the one before, and the first the last.
std::vector<int> circle_among(const PlacementProblem& problem, const std::vector<int>& waiting) {
  const auto stuck = [&](int node) { return at(waiting, node) > 0; };
  int node = 0;
  while (!stuck(node)) ++node;
  std::vector<int> seen(at(problem.size()), -1), path;
  while (at(seen, node) < 0) {
    at(seen, node) = static_cast<int>(path.size());
    path.push_back(node);
    const auto makers = problem.makers(node);
    node = *std::find_if(makers.begin(), makers.end(), stuck);
  }
  std::vector<int> circle(path.begin() + at(seen, node), path.end());
  std::reverse(circle.begin(), circle.end());
  return circle;
}

/// Points at the edge of the circle that was given last, and tells the circle from there on.
[[noreturn]] void refuse_circle(const PlacementProblem& problem,
                                std::span<const PlacementEdge> edges, std::vector<int> circle) {
  std::vector<int> next(at(problem.size()), -1);
  for (std::size_t i = 0; i < circle.size(); ++i)
    at(next, circle[i]) = circle[(i + 1) % circle.size()];
  auto last = edges.size();
  while (at(next, edges[last - 1].from) != edges[last - 1].to) --last;
  const auto& closing = edges[last - 1];
  std::rotate(circle.begin(), std::find(circle.begin(), circle.end(), closing.to), circle.end());
  constexpr std::size_t shown = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(circle.size(), shown); ++i)
    text += node_name(problem, circle[i]) + " -> ";
  if (circle.size() > shown) text += "(" + std::to_string(circle.size() - shown) + " more) -> ";
  throw PlacementFault(Part::edge, static_cast<int>(last - 1),
                       "the edge from node " + node_name(problem, closing.from) + " to node " +
                           node_name(problem, closing.to) + " closes a circle: " + text +
                           node_name(problem, circle[0]) + "; take one of its edges out");
}

void refuse_loops(const PlacementProblem& problem, std::span<const PlacementEdge> edges) {
  for (std::size_t e = 0; e < edges.size(); ++e)
    if (edges[e].from == edges[e].to)
      throw PlacementFault(Part::edge, static_cast<int>(e),
                           "the edge leads from node " + node_name(problem, edges[e].from) +
                               " to itself; take it out");
}

void sort_nodes(PlacementProblem& problem, std::span<const PlacementEdge> edges) {
  std::vector<int> waiting(at(problem.size()));
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (int n = 0; n < problem.size(); ++n) {
    at(waiting, n) = static_cast<int>(problem.makers(n).size());
    if (at(waiting, n) == 0) ready.push(n);
  }
  problem.sorted.clear();
  while (!ready.empty()) {
    const int node = ready.top();
    ready.pop();
    problem.sorted.push_back(node);
    for (const int reader : problem.readers(node))
      if (--at(waiting, reader) == 0) ready.push(reader);
  }
  if (problem.sorted.size() < problem.nodes.size())
    refuse_circle(problem, edges, circle_among(problem, waiting));
}

/// Groups are numbered by their first nodes.
void fill_groups(PlacementProblem& problem, std::span<const int> colours) {
  std::map<int, int> group_of_colour;
  std::vector<std::vector<int>> members;
  problem.group_of.assign(at(problem.size()), 0);
  for (int n = 0; n < problem.size(); ++n) {
    const int colour = colours.empty() ? -1 : colours[at(n)];
    int group = static_cast<int>(members.size());
    if (colour >= 0) group = group_of_colour.emplace(colour, group).first->second;
    if (at(group) == members.size()) members.emplace_back();
    at(members, group).push_back(n);
    at(problem.group_of, n) = group;
  }
  problem.group_begin.assign(1, 0);
  problem.group_node.clear();
  for (const auto& group : members) {
    problem.group_node.insert(problem.group_node.end(), group.begin(), group.end());
    problem.group_begin.push_back(static_cast<int>(problem.group_node.size()));
  }
}

}  // namespace

void finish(PlacementProblem& problem, std::span<const PlacementEdge> edges,
            std::span<const int> colours) {
  if (problem.nodes.empty())
    throw PlacementFault(Part::nodes, "the graph has no nodes; give it at least one");
  refuse_loops(problem, edges);
  fill_edges(problem, Pairs(edges.begin(), edges.end()));
  sort_nodes(problem, edges);
  check_sums(problem, edges);
  fill_groups(problem, colours);
  check_holdable(problem);
}

}  // namespace models
