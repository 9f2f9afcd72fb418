#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <queue>

#include "models/error.h"
#include "models/index.h"
#include "models/placement/placement.h"

namespace models {
namespace {

using Pairs = std::vector<PlacementEdge>;

std::string node_name(const PlacementProblem& problem, int node) {
  return std::to_string(at(problem.nodes, node).id);
}

/// "a, b, c and 4 more".
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), shown); ++i) {
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  }
  if (names.size() > shown) text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

/// Everything that is ever added up (each output may be paid for by its maker and every reader)
/// stays far from the end of the range.
void check_sums(const PlacementProblem& problem, const Pairs& edges) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 4;
  std::int64_t time = 0, bytes = 0;
  const auto add = [&problem](std::int64_t& sum, std::int64_t more, int node, const char* what) {
    if (more < 0)
      throw InputError("node " + node_name(problem, node) + ": negative " + std::string(what));
    if (more > most - sum)
      throw InputError(
          "the " + std::string(what) + "s of all nodes add up to too much at node " +
          node_name(problem, node) +
          (what == std::string("size") ? " (the limit is 2 EiB)" : " (the limit is 26 days)"));
    sum += more;
  };
  for (int n = 0; n < problem.size(); ++n) {
    const auto& node = at(problem.nodes, n);
    add(time, node.cpu.count(), n, "time");
    add(time, node.accelerator.count(), n, "time");
    add(time, node.send.count(), n, "time");
    add(bytes, node.size, n, "size");
  }
  for (const auto& edge : edges)
    add(time, at(problem.nodes, edge.from).send.count(), edge.from, "time");
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

/// Names one circle among the nodes that could not be sorted; each of them has such a maker.
[[noreturn]] void refuse_circle(const PlacementProblem& problem, const std::vector<int>& waiting) {
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
  std::rotate(circle.begin(), std::min_element(circle.begin(), circle.end()), circle.end());
  constexpr std::size_t shown = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(circle.size(), shown); ++i)
    text += node_name(problem, circle[i]) + " -> ";
  if (circle.size() > shown) text += "(" + std::to_string(circle.size() - shown) + " more) -> ";
  throw InputError("the graph has a circle: nodes " + text + node_name(problem, circle[0]) +
                   "; take one of its edges out");
}

void sort_nodes(PlacementProblem& problem) {
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
  if (problem.sorted.size() < problem.nodes.size()) refuse_circle(problem, waiting);
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

std::string group_name(const PlacementProblem& problem, int group) {
  std::vector<std::string> names;
  for (const int node : problem.members(group)) names.push_back(node_name(problem, node));
  return names.size() == 1 ? "node " + names[0]
                           : "the nodes of one colour class (" + listed(names) + ")";
}

std::int64_t group_size(const PlacementProblem& problem, int group) {
  std::int64_t bytes = 0;
  for (const int node : problem.members(group)) bytes += at(problem.nodes, node).size;
  return bytes;
}

std::string missing(std::int64_t bytes) {
  return std::to_string(bytes) + " bytes are missing (" + pretty(Bytes{bytes}) + ")";
}

/// Without a CPU every group must go on accelerators.
void check_group(const PlacementProblem& problem, int group) {
  std::vector<std::string> unsupported;
  for (const int node : problem.members(group))
    if (!at(problem.nodes, node).on_accelerator) unsupported.push_back(node_name(problem, node));
  if (!unsupported.empty())
    throw InputError("no device can take " + group_name(problem, group) +
                     ": there is no CPU, and " + (unsupported.size() == 1 ? "node " : "nodes ") +
                     listed(unsupported) + (unsupported.size() == 1 ? " is" : " are") +
                     " not supported on accelerators; allow CPUs, or change the colour class");
  if (const auto bytes = group_size(problem, group); bytes > problem.memory)
    throw InputError("no device can take " + group_name(problem, group) + ": there is no CPU, it " +
                     "takes " + std::to_string(bytes) + " bytes, an accelerator has " +
                     std::to_string(problem.memory) + ": " + missing(bytes - problem.memory));
}

/// What packs in no way at all: more bytes than there are, or more large groups than accelerators.
void check_memory(const PlacementProblem& problem) {
  std::int64_t total = 0;
  std::vector<std::int64_t> large;
  for (int g = 0; g < problem.groups(); ++g) {
    const auto bytes = group_size(problem, g);
    total += bytes;
    if (bytes > problem.memory / 2) large.push_back(bytes);
  }
  const auto k = static_cast<std::int64_t>(problem.accelerators);
  // Divided rather than multiplied: k times the memory may be beyond the range.
  if (total / k > problem.memory || (total / k == problem.memory && total % k > 0))
    throw InputError("memory cannot hold any placement: there is no CPU, all nodes take " +
                     std::to_string(total) + " bytes, the " + std::to_string(k) +
                     " accelerators have " + std::to_string(k * problem.memory) + ": " +
                     missing(total - k * problem.memory));
  if (large.size() <= at(k)) return;
  std::nth_element(large.begin(), large.begin() + 1, large.end());
  const auto two = large[0] + large[1];
  throw InputError("memory cannot hold any placement: there is no CPU, and " +
                   std::to_string(large.size()) +
                   " colour classes or single nodes take more than " + "half an accelerator (" +
                   std::to_string(problem.memory) + " bytes) each, but " + "there are " +
                   std::to_string(k) + " accelerators; for the two smallest of " +
                   "them on one accelerator " + missing(two - problem.memory));
}

void check_holdable(const PlacementProblem& problem) {
  if (problem.cpus > 0) return;
  if (problem.accelerators == 0)
    throw InputError("there is no device: neither accelerators nor CPUs");
  for (int g = 0; g < problem.groups(); ++g) check_group(problem, g);
  check_memory(problem);
}

}  // namespace

void finish(PlacementProblem& problem, std::span<const PlacementEdge> edges,
            std::span<const int> colours) {
  if (problem.nodes.empty()) throw InputError("the graph has no nodes");
  fill_edges(problem, Pairs(edges.begin(), edges.end()));
  sort_nodes(problem);
  check_sums(problem, Pairs(edges.begin(), edges.end()));
  fill_groups(problem, colours);
  check_holdable(problem);
}

}  // namespace models
