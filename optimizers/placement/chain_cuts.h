#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "optimizers/placement/division.h"
#include "optimizers/placement/lattice.h"

namespace optimizers {

/// Leaves no more accelerators than items that could be on one within the limit, and no more CPUs.
/// Devices are alike, so nothing is lost.
void keep_useful_devices(Division& division, Division::Amount limit);

/// Numbers of accelerators and CPUs used that ChainCuts tells apart.
std::int64_t states_of(const Division& division);

/// Down-sets for which ChainCuts and its lattice need no more than 4 GB; 500,000 at most.
std::size_t most_down_sets(const Division& division);

/// Cuts a growing chain of down-sets into sets, each for one device: loads of all sets that a
/// device can take next, and the best way to every down-set with so many accelerators and CPUs
/// used. Exact for all that is within the limit.
class ChainCuts {
 public:
  using Amount = Division::Amount;

  /// The division and the lattice of its items outlive it.
  ChainCuts(const Division& division, const Lattice& lattice, Amount limit);

  /// False if it was stopped, or would have to look at more sets than `budget`.
  bool run(const std::function<bool()>& stop, std::int64_t budget);
  /// The least largest load; above the limit if nothing is within.
  Amount value() const { return best_.back(); }
  std::int64_t effort() const { return effort_; }
  /// [item] device of the best.
  std::vector<int> devices() const;

 private:
  struct Set {
    Amount work = 0, cut = 0, cpu_work = 0, size = 0;
    bool on_accelerator = true, on_cpu = true;
  };
  Amount& best(int ideal, std::size_t state) {
    return best_[static_cast<std::size_t>(ideal) * states_ + state];
  }
  void spread(int base, const std::function<bool()>& stop);
  Set extended(int base, int ideal, Set set, int item);
  void use(int base, int ideal, const Set& set);
  void improve(int ideal, std::size_t state, Amount value, int from);

  const Division& division_;
  const Lattice& lattice_;
  Amount limit_;
  std::size_t states_;
  std::vector<Amount> best_;  ///< [ideal][accelerators used][CPUs used] least largest load
  std::vector<int> from_;     ///< 2 x the down-set before, + 1 if a CPU took the rest
  std::vector<int> seen_, queue_;
  std::vector<Set> sets_;  ///< [ideal] what it has beyond the base
  std::int64_t effort_ = 0, budget_ = 0;
};

}  // namespace optimizers
