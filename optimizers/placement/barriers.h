#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "optimizers/placement/lattice.h"
#include "optimizers/placement/reach.h"
#include "optimizers/placement/region_chain.h"
#include "optimizers/placement/solver.h"

namespace optimizers {

/// Latency by the nodes that are before or after every other, barriers. A slot that holds a barrier
/// is itself before or after everything else: what is before has ended when it starts, what is
/// after starts when it has ended. So slots with barriers and barriers on CPUs follow each other;
/// all that is done side by side is in a block between two of them, and of that the longest chain
/// counts. Dynamic programming over what slots take of the blocks at their ends.
class Barriers {
 public:
  using Amount = RegionChain::Amount;

  struct Limits {
    std::size_t ideals = 400;  ///< down-sets of one block
    /// Nodes and edges of slots and of pieces of chains looked at: about a tenth of a second.
    std::int64_t steps = 20'000'000;
    /// Slots and parts of blocks looked at.
    std::int64_t budget = std::numeric_limits<std::int64_t>::max();
  };
  /// The problem and `stop` outlive it.
  Barriers(const models::PlacementProblem& problem, const std::function<bool()>& stop,
           const Limits& limits);

  /// What no latency is below; zero if that is not found out.
  Amount bound();
  /// Then, why not: in words that go on from "it says nothing: ". Empty if it was.
  const std::string& silence() const { return silence_; }
  /// More steps would have told.
  bool ran_out_of_steps() const { return steps_ > limits_.steps; }
  /// After that, where it was not zero: a placement of that latency, if what else is in the blocks
  /// allows; it may be not valid, for classes above all.
  models::Placement placement();
  std::int64_t effort() const { return looked_at_; }

 private:
  /// What lies between two barriers.
  struct Block {
    std::vector<int> nodes;  ///< makers before readers
    std::optional<Lattice> lattice;

    int ideals() const { return lattice->size(); }
    bool holds(int ideal, std::size_t node) const {
      return lattice->holds(ideal, static_cast<int>(node));
    }
  };
  /// A down-set of a block and the slots used until it has ended.
  struct State {
    std::size_t block = 0;
    int ideal = 0;
    std::size_t used = 0;
  };
  using Ends = std::vector<std::vector<std::vector<Amount>>>;  ///< [block][down-set][slots used]

  const models::PlacementProblem::Node& node(int n) const {
    return problem_.nodes[static_cast<std::size_t>(n)];
  }
  bool is_over();
  Amount say_nothing(std::string why);
  std::string too_large() const;
  std::string cut_short() const;
  bool fill_ends();
  bool find_blocks();
  void settle(std::size_t b, int ideal);
  void pass_on_cpu(std::size_t b);
  void pass_in_slot(std::size_t b, int ideal);
  bool find_region(std::size_t b, int taken, int ideal);
  std::vector<Amount> time_of_region(std::int64_t most_steps);
  bool add(int n);
  void take_back();
  Amount time_of_slot();
  void put(const std::vector<int>& nodes, models::Placement& placement);
  void trace_region(State& state, models::Placement& placement);
  bool trace_barrier(State& state, models::Placement& placement);
  bool is_slot(const State& before, const State& state);

  const models::PlacementProblem& problem_;
  const std::function<bool()>& stop_;
  Limits limits_;
  Reach reach_;
  std::vector<bool> allowed_;  ///< [group]
  RegionChain chain_;
  std::vector<int> barriers_;  ///< barriers_[b] is between blocks b and b + 1
  std::vector<Block> blocks_;
  Ends end_;      ///< of the barrier that took the down-set
  Ends settled_;  ///< of the whole down-set
  std::vector<int> region_, members_, senders_;
  std::vector<char> inside_;  ///< [node] of members_
  Amount size_ = 0;
  std::int64_t steps_ = 0, looked_at_ = 0;
  std::int64_t asked_at_ = 0;
  std::string silence_;
  int slots_ = 0;  ///< of the placement so far
  bool over_ = false;
};

/// What it makes of a problem for latency within so many steps: raises the bound of the answer and
/// takes the placement if it is better, and counts its effort. The answer's notes say why it says
/// nothing. True if more steps would tell more.
bool improve_between_barriers(const PlacementTask& task, std::int64_t most_steps,
                              PlacementAnswer& answer);

}  // namespace optimizers
