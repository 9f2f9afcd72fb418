#include "models/placement/holdable.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "models/index.h"
#include "models/placement/fault.h"

namespace models {
namespace {

using Part = PlacementFault::Part;

/// Whether sizes can be divided among equal bins, by trying all ways; gives up after a while.
class Packing {
 public:
  Packing(const std::vector<std::int64_t>& sizes, int bins, std::int64_t room)
      : sizes_(sizes), left_(std::min(at(bins), sizes.size()), room) {}

  /// True also if it gave up.
  bool may_be() { return place(0); }

 private:
  bool place(std::size_t next) {
    if (next == sizes_.size()) return true;
    for (auto bin = left_.begin(); bin != left_.end(); ++bin) {
      if (++steps_ > most_steps) return true;
      // Of bins with the same room one is enough.
      if (*bin < sizes_[next] || std::find(left_.begin(), bin, *bin) != bin) continue;
      *bin -= sizes_[next];
      if (place(next + 1)) return true;
      *bin += sizes_[next];
    }
    return false;
  }

  static constexpr int most_steps = 100'000;
  const std::vector<std::int64_t>& sizes_;
  std::vector<std::int64_t> left_;
  int steps_ = 0;
};

/// Of sizes, the largest first. False: they fit, or nobody knows.
bool cannot_pack(const std::vector<std::int64_t>& sizes, int bins, std::int64_t room) {
  const auto total = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
  // Divided rather than multiplied: bins times the room may be beyond the range.
  if (total / bins > room || (total / bins == room && total % bins > 0)) return true;
  // No bin takes j + 1 that are larger than room / (j + 1).
  for (std::size_t j = 1; j * at(bins) < sizes.size(); ++j)
    if (sizes[j * at(bins)] > room / static_cast<std::int64_t>(j + 1)) return true;
  constexpr std::size_t few = 60;
  const std::vector<std::int64_t> largest(
      sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(std::min(few, sizes.size())));
  return !Packing(largest, bins, room).may_be();
}

std::string node_name(const PlacementProblem& problem, int node) {
  return std::to_string(at(problem.nodes, node).id);
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

std::string bytes_text(std::int64_t bytes) {
  return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

std::string missing(std::int64_t bytes) {
  constexpr std::int64_t many = 10'000;
  return bytes_text(bytes) + (bytes == 1 ? " is missing" : " are missing") +
         (bytes < many ? "" : " (" + pretty(Bytes{bytes}) + ")");
}

std::string accelerators_have(std::int64_t count, std::int64_t bytes) {
  return (count == 1 ? "the accelerator has "
                     : "the " + std::to_string(count) + " accelerators have ") +
         std::to_string(bytes);
}

/// Without a CPU every group must go on accelerators.
void check_group(const PlacementProblem& problem, int group) {
  const auto members = problem.members(group);
  std::vector<std::string> unsupported;
  int first = -1, largest = members.front();
  for (const int node : members) {
    if (at(problem.nodes, node).size > at(problem.nodes, largest).size) largest = node;
    if (at(problem.nodes, node).on_accelerator) continue;
    if (first < 0) first = node;
    unsupported.push_back(node_name(problem, node));
  }
  const bool alone = members.size() == 1;
  const auto nobody = "no device can take " + group_name(problem, group) + ": there is no CPU";
  if (!unsupported.empty())
    throw PlacementFault(Part::node, first,
                         nobody + ", and " + (unsupported.size() == 1 ? "node " : "nodes ") +
                             listed(unsupported) + (unsupported.size() == 1 ? " is" : " are") +
                             " not supported on accelerators; allow CPUs (maxCPUs or --cpus)" +
                             (alone ? "" : ", or change the colour class"));
  if (const auto bytes = group_size(problem, group); bytes > problem.memory)
    throw PlacementFault(
        Part::node, largest,
        nobody + (alone ? ", it takes " : ", they take ") + bytes_text(bytes) +
            ", an accelerator has " + std::to_string(problem.memory) + ": " +
            missing(bytes - problem.memory) +
            (alone ? "; allow CPUs (maxCPUs or --cpus) or give accelerators more memory"
                   : "; allow CPUs (maxCPUs or --cpus), give accelerators more "
                     "memory or split the colour class"));
}

/// What packs in no way: more bytes than there are, or too few that fit side by side.
void check_memory(const PlacementProblem& problem) {
  std::vector<std::int64_t> sizes;
  for (int g = 0; g < problem.groups(); ++g) sizes.push_back(group_size(problem, g));
  const auto total = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
  const std::int64_t k = problem.accelerators;
  const auto each = total / k + (total % k > 0 ? 1 : 0);
  const std::string no_cpu = "memory cannot hold any placement: there is no CPU, ";
  if (each > problem.memory)
    throw PlacementFault(
        Part::memory, no_cpu + "all nodes take " + bytes_text(total) + ", " +
                          accelerators_have(k, k * problem.memory) + ": " +
                          missing(total - k * problem.memory) +
                          "; allow CPUs (maxCPUs or --cpus), or give the accelerators at least " +
                          bytes_text(each) + (k == 1 ? "" : " each"));
  const auto least = least_room(sizes, problem.accelerators, problem.memory);
  if (least <= problem.memory) return;
  throw PlacementFault(
      Part::memory,
      no_cpu + "and nodes and colour classes cannot be packed into " + std::to_string(k) +
          " accelerators of " + bytes_text(problem.memory) + ": each would need at least " +
          std::to_string(least) + ", " + missing(least - problem.memory) +
          "; allow CPUs (maxCPUs or --cpus), more accelerators (maxFPGAs or --devices) or more "
          "memory");
}

}  // namespace

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), shown); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  if (names.size() > shown) text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

std::int64_t least_room(std::vector<std::int64_t> sizes, int bins, std::int64_t room) {
  std::sort(sizes.begin(), sizes.end(), std::greater<>());
  if (!cannot_pack(sizes, bins, room)) return room;
  std::int64_t low = room, high = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
  while (high - low > 1) {
    const auto middle = low + (high - low) / 2;
    (cannot_pack(sizes, bins, middle) ? low : high) = middle;
  }
  return high;
}

void check_holdable(const PlacementProblem& problem) {
  if (problem.cpus > 0) return;
  if (problem.accelerators == 0)
    throw PlacementFault(Part::devices,
                         "there is no device: neither accelerators nor CPUs; ask for some by "
                         "maxFPGAs or --devices, maxCPUs or --cpus");
  for (int g = 0; g < problem.groups(); ++g) check_group(problem, g);
  check_memory(problem);
}

}  // namespace models
