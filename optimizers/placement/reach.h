#pragma once

#include <cstdint>
#include <vector>

#include "models/placement/placement.h"

namespace optimizers {

/// Which nodes come after and before which, as sets of bits; for graphs of up to `most` nodes.
class Reach {
 public:
  static constexpr int most = 8192;
  using Set = std::vector<std::uint64_t>;

  explicit Reach(const models::PlacementProblem& problem);

  bool known() const { return !after_.empty(); }
  Set none() const { return Set(words_); }
  /// Adds what comes after (before) the node, without itself.
  void add_after(int node, Set& set) const { add(after_, node, set); }
  void add_before(int node, Set& set) const { add(before_, node, set); }
  bool is_after(int node, int first) const {
    return (after_[static_cast<std::size_t>(first) * words_ +
                   static_cast<std::size_t>(node) / 64] >>
                (node % 64) &
            1) != 0;
  }

 private:
  void add(const Set& sets, int node, Set& set) const {
    const auto* from = sets.data() + static_cast<std::size_t>(node) * words_;
    for (std::size_t i = 0; i < words_; ++i) set[i] |= from[i];
  }
  std::size_t words_;
  Set after_, before_;  ///< [node][word]
};

}  // namespace optimizers
