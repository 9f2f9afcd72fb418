#include "optimizers/placement/nets.h"

#include <algorithm>
#include <numeric>

namespace optimizers {

void pack_pairs(std::vector<std::pair<int, int>>& pairs, int keys, std::vector<int>& begin,
                std::vector<int>& all) {
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  begin.assign(static_cast<std::size_t>(keys) + 1, 0);
  all.clear();
  for (const auto& [key, value] : pairs) {
    ++begin[static_cast<std::size_t>(key) + 1];
    all.push_back(value);
  }
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
}

PlacementNets::PlacementNets(const models::PlacementProblem& problem)
    : group_(static_cast<std::size_t>(problem.groups())) {
  for (int node = 0; node < problem.size(); ++node) {
    const auto& from = problem.nodes[static_cast<std::size_t>(node)];
    auto& to = group_[static_cast<std::size_t>(problem.group_of[static_cast<std::size_t>(node)])];
    to.cpu += from.cpu.count();
    to.accelerator += from.accelerator.count();
    to.size += from.size;
    to.on_accelerator = to.on_accelerator && from.on_accelerator;
  }
  make_nets(problem);
  find_neighbours(problem);
}

void PlacementNets::make_nets(const models::PlacementProblem& problem) {
  const auto group_of = [&](int node) { return problem.group_of[static_cast<std::size_t>(node)]; };
  std::vector<std::pair<int, int>> leaving, entering;
  std::vector<std::pair<std::vector<int>, std::int64_t>> of_group;  // readers, cost
  for (int group = 0; group < groups(); ++group) {
    of_group.clear();
    for (const int node : problem.members(group)) {
      const auto cost = problem.nodes[static_cast<std::size_t>(node)].send.count();
      if (cost == 0) continue;
      std::vector<int> readers;
      for (const int reader : problem.readers(node))
        if (group_of(reader) != group) readers.push_back(group_of(reader));
      std::sort(readers.begin(), readers.end());
      readers.erase(std::unique(readers.begin(), readers.end()), readers.end());
      if (!readers.empty()) of_group.emplace_back(std::move(readers), cost);
    }
    std::sort(of_group.begin(), of_group.end());
    for (std::size_t i = 0; i < of_group.size(); ++i) {
      if (i > 0 && of_group[i].first == of_group[i - 1].first) {
        net_.back().cost += of_group[i].second;
        continue;
      }
      const auto& readers = of_group[i].first;
      leaving.emplace_back(group, nets());
      for (const int reader : readers) entering.emplace_back(reader, nets());
      net_.push_back({of_group[i].second, group, static_cast<int>(readers.size())});
      reader_.insert(reader_.end(), readers.begin(), readers.end());
      reader_begin_.push_back(static_cast<int>(reader_.size()));
    }
  }
  pack_pairs(leaving, groups(), out_begin_, out_);
  pack_pairs(entering, groups(), in_begin_, in_);
}

void PlacementNets::find_neighbours(const models::PlacementProblem& problem) {
  std::vector<std::pair<int, int>> near;
  for (int node = 0; node < problem.size(); ++node)
    for (const int reader : problem.readers(node)) {
      const int from = problem.group_of[static_cast<std::size_t>(node)];
      const int to = problem.group_of[static_cast<std::size_t>(reader)];
      if (from == to) continue;
      near.emplace_back(from, to);
      near.emplace_back(to, from);
    }
  pack_pairs(near, groups(), near_begin_, near_);
}

std::vector<int> by_group(const models::PlacementProblem& problem,
                          const models::Placement& placement) {
  std::vector<int> devices(static_cast<std::size_t>(problem.groups()));
  for (int group = 0; group < problem.groups(); ++group)
    devices[static_cast<std::size_t>(group)] =
        placement[static_cast<std::size_t>(problem.members(group).front())];
  return devices;
}

models::Placement by_node(const models::PlacementProblem& problem,
                          std::span<const int> device_of_group) {
  models::Placement placement(problem.nodes.size());
  for (std::size_t node = 0; node < placement.size(); ++node)
    placement[node] = device_of_group[static_cast<std::size_t>(problem.group_of[node])];
  return placement;
}

}  // namespace optimizers
