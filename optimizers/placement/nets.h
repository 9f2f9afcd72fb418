#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "models/placement/placement.h"

namespace optimizers {

/// A placement problem as its heuristics see it: what moves is a colour class (a group), what costs
/// is a net, an output with the other groups that read it. Outputs of one group with the same
/// readers are one net; those that cost nothing or leave no group are dropped. Times in ps.
class PlacementNets {
 public:
  explicit PlacementNets(const models::PlacementProblem& problem);

  struct Group {
    std::int64_t cpu = 0;
    std::int64_t accelerator = 0;
    std::int64_t size = 0;
    bool on_accelerator = true;
  };
  struct Net {
    std::int64_t cost = 0;
    int source = 0;   ///< group
    int readers = 0;  ///< how many groups read it
  };

  int groups() const { return static_cast<int>(group_.size()); }
  int nets() const { return static_cast<int>(net_.size()); }
  const Group& group(int group) const { return group_[static_cast<std::size_t>(group)]; }
  const Net& net(int net) const { return net_[static_cast<std::size_t>(net)]; }
  /// Groups that read the net, ascending, without its source.
  std::span<const int> readers(int net) const { return part(reader_begin_, reader_, net); }
  /// Nets that leave the group.
  std::span<const int> leaving(int group) const { return part(out_begin_, out_, group); }
  /// Nets that the group reads.
  std::span<const int> entering(int group) const { return part(in_begin_, in_, group); }
  /// Groups joined to the group by any edge, free or not, ascending.
  std::span<const int> neighbours(int group) const { return part(near_begin_, near_, group); }

 private:
  static std::span<const int> part(const std::vector<int>& begin, const std::vector<int>& all,
                                   int index) {
    const auto i = static_cast<std::size_t>(index);
    return std::span(all).subspan(static_cast<std::size_t>(begin[i]),
                                  static_cast<std::size_t>(begin[i + 1] - begin[i]));
  }
  void make_nets(const models::PlacementProblem& problem);
  void find_neighbours(const models::PlacementProblem& problem);

  std::vector<Group> group_;
  std::vector<Net> net_;
  std::vector<int> reader_begin_ = {0}, reader_;
  std::vector<int> out_begin_, out_, in_begin_, in_, near_begin_, near_;
};

/// Turns (key, value) pairs, which it sorts, into begins, [key + 1], and values; double ones go.
void pack_pairs(std::vector<std::pair<int, int>>& pairs, int keys, std::vector<int>& begin,
                std::vector<int>& all);

/// [group] device, and back to [node] device.
std::vector<int> by_group(const models::PlacementProblem& problem,
                          const models::Placement& placement);
models::Placement by_node(const models::PlacementProblem& problem,
                          std::span<const int> device_of_group);

}  // namespace optimizers
