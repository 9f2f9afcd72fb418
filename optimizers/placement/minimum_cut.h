#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "optimizers/placement/division.h"

namespace optimizers {

/// Least cuts of a division's nets, by maximum flow (Dinic 1970) in the network of Lawler (1973):
/// items, and for a net of more than two items an arc of its cost between two vertices of its own.
class MinimumCut {
 public:
  using Amount = Division::Amount;
  static constexpr Amount forever = Amount{1} << 60;

  explicit MinimumCut(const Division& division);

  /// Forgets what items were bound to.
  void reset();
  /// What it costs more if the item is in the set: `forever` keeps it out.
  void charge(int item, Amount cost);
  /// What it costs more if the item is not in the set: `forever` keeps it in.
  void reward(int item, Amount cost);
  /// The least of cut, charges and rewards of any set; at least `enough` if it is not less, and
  /// something that it is not below if it was stopped.
  Amount least(
      Amount enough = forever, const std::function<bool()>& stop = [] { return false; });

 private:
  struct Arc {
    int to = 0;
    Amount room = 0;
  };
  void add(int from, int to, Amount room, Amount back);
  bool find_levels();
  Amount push();

  int source_ = 0, sink_ = 0;
  std::vector<std::vector<int>> arcs_of_;
  std::vector<Arc> arcs_;     // the reverse of arc a is a ^ 1
  std::vector<Amount> room_;  // of arcs without flow
  std::vector<int> level_, queue_;
  std::vector<int> path_;  ///< arcs from the source on
  std::vector<std::size_t> next_;
};

}  // namespace optimizers
