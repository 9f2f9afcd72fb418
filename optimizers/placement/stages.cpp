#include "optimizers/placement/stages.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "models/index.h"

namespace optimizers {

Stages::Stages(const models::PlacementProblem& problem) : rank_(models::at(problem.devices())) {
  using models::at;
  std::iota(rank_.begin(), rank_.end(), 0);
  std::vector<std::pair<int, int>> after, before;
  for (int node = 0; node < problem.size(); ++node)
    for (const int reader : problem.readers(node)) {
      if (at(problem.nodes, node).backward || at(problem.nodes, reader).backward) continue;
      const int from = at(problem.group_of, node), to = at(problem.group_of, reader);
      if (from == to) continue;
      after.emplace_back(from, to);
      before.emplace_back(to, from);
    }
  pack_pairs(after, problem.groups(), after_begin_, after_);
  pack_pairs(before, problem.groups(), before_begin_, before_);
}

bool Stages::set(std::span<const int> device_of_group) {
  using models::at;
  const auto devices = rank_.size();
  std::vector<std::vector<char>> edge(devices, std::vector<char>(devices));
  std::vector<int> waiting(devices);
  for (int g = 0; g + 1 < static_cast<int>(after_begin_.size()); ++g)
    for (const int next : after(g)) {
      const auto from = at(device_of_group[at(g)]), to = at(device_of_group[at(next)]);
      if (from == to || edge[from][to]) continue;
      edge[from][to] = 1;
      ++waiting[to];
    }
  int ranked = 0;
  std::vector<char> done(devices);
  for (bool found = true; found;) {
    found = false;
    for (std::size_t d = 0; d < devices && !found; ++d) {
      if (done[d] || waiting[d] > 0) continue;
      found = true;
      done[d] = 1;
      rank_[d] = ranked++;
      for (std::size_t to = 0; to < devices; ++to) waiting[to] -= edge[d][to];
    }
  }
  return ranked == static_cast<int>(devices);
}

bool Stages::holds(int group, std::span<const int> device_of_group) const {
  using models::at;
  const int here = rank(device_of_group[at(group)]);
  for (const int next : after(group))
    if (rank(device_of_group[at(next)]) < here) return false;
  for (const int last : before(group))
    if (rank(device_of_group[at(last)]) > here) return false;
  return true;
}

void Stages::advance(int device, std::span<const int> device_of_group) {
  using models::at;
  const auto next = std::find(rank_.begin(), rank_.end(), rank(device) + 1);
  if (next == rank_.end()) return;
  const int other = static_cast<int>(next - rank_.begin());
  for (std::size_t group = 0; group < device_of_group.size(); ++group) {
    if (device_of_group[group] != device) continue;
    for (const int reader : after(static_cast<int>(group)))
      if (device_of_group[at(reader)] == other) return;
  }
  exchange(device, other);
}

}  // namespace optimizers
