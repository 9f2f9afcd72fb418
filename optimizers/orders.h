#pragma once

#include <cstdint>
#include <vector>

#include "optimizers/count.h"
#include "optimizers/graph.h"
#include "optimizers/state.h"

namespace optimizers {

/// All topological orders of a graph, in lexicographic order.
class Orders {
 public:
  Orders(const Graph& graph, int operators);

  const std::vector<std::int32_t>& order() const { return order_; }
  /// Goes to the next order; false, and back at the first, after the last.
  bool next();

  void keep(State& state) { state(order_, missing_); }

  /// How many there are. Follows sets of finished operators; where there are too many of these, the
  /// answer is too small, and `exact` false.
  static Count count(const Graph& graph, int operators, bool& exact);

 private:
  void place(std::size_t position, std::int32_t op);
  void fill(std::size_t from);
  std::int32_t ready_from(std::int32_t op) const;

  const Graph& graph_;
  std::vector<std::int32_t> order_;
  std::vector<std::int32_t> missing_;  ///< [operator] makers not placed; -1: placed itself
};

}  // namespace optimizers
