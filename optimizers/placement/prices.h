#pragma once

#include <functional>
#include <limits>
#include <vector>

#include "optimizers/placement/division.h"

namespace optimizers {

/// Proves that no placement keeps all loads within a limit by prices on the items: if no set within
/// the limit is worth more than M to an accelerator and N to a CPU, and the sum of all prices is
/// above accelerators x M + CPUs x N, somebody is left over. The prices come from a linear
/// programme over sets found so far (Gilmore and Gomory 1961), the proof is in whole numbers. It
/// sees what work over speed cannot: that items are not divisible.
class PriceProof {
 public:
  struct Effort {
    int rounds = 300;
    std::size_t labels = 1'000'000;
    std::function<bool()> stop = [] { return false; };
    std::function<bool()> halt = [] { return false; };  ///< the same, asked within steps
    std::int64_t budget = std::numeric_limits<std::int64_t>::max();  ///< labels of all rounds
  };
  /// True: the limit is below the optimum. False: not shown. Sets found serve the next call.
  bool excludes(const Division& division, Division::Amount limit, const Effort& effort);

  std::int64_t labels() const { return labels_; }  ///< kept in all calls

 private:
  std::int64_t labels_ = 0;
};

}  // namespace optimizers
