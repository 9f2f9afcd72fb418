#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "optimizers/chain_layout.h"
#include "optimizers/graph.h"
#include "optimizers/pages.h"

namespace optimizers {

/// Beam search over down-sets of the operator graph (sets that hold the makers of whatever they
/// hold). A state is a down-set, what of it runs where, and the device whose piece grows. It is
/// extended by one ready operator, on that device or as the start of a piece on another. Of all
/// extensions with as many operators the `width` best are kept; of those with the same down-set,
/// the same piece growing and devices of the same classes used, the best.
///
/// The operators that became ready last are tried first, so that pieces hang together. Where
/// weights fit nowhere, the roomiest device takes them. Costs are those of ChainLayout.
class BeamSearch {
 public:
  /// What comes first.
  enum class Rank : std::uint8_t {
    /// The least largest load of a device or channel, or what the rest brings when it is spread
    /// over the devices that may still take something. Each device has one piece.
    load,
    end,  ///< the earliest end of one request on devices that run one thing after the other
    sum   ///< the least sum of the policy's cost
  };
  /// A plan in the making.
  struct Found {
    std::vector<std::int32_t> order;   ///< [position] operator
    std::vector<std::int32_t> device;  ///< [position]
    double value = 0;                  ///< by the rank
  };

  BeamSearch(const models::Problem& problem, const Graph& graph, const Policy& policy, Rank rank,
             int width);

  /// At most `most` different plans, the best first.
  /// @param margin of Rank::load: how much more than evenly spread work devices may have to take.
  std::vector<Found> run(int most, double margin);
  /// What was asked for, or as many as `most_work` is enough for.
  int width() const { return width_; }

 private:
  static constexpr double most_work = 2e9;  ///< about nanoseconds
  static constexpr int most_readers = 64;   ///< looked at, of one tensor

  struct Spot {
    float end = 0;             ///< of the operator, picoseconds
    std::int32_t device = -1;  ///< -1: not in the set
  };
  struct Sums {
    int current = -1;    ///< device whose piece grows
    double largest = 0;  ///< load, or way through what is placed to the end
    double left = 0;     ///< of work, each operator where it is fastest (or cheapest)
    double open_load = 0, open_speed = 0;  ///< of devices that may still take something
    double cost = 0;
    double moved = 0;       ///< picoseconds of all transfers
    double open_bytes = 0;  ///< made inside, to be read outside
    double load = 0;        ///< of the device that took the last operator, picoseconds
    double end = 0;         ///< of the last operator, picoseconds
    std::uint64_t set = 0, base = 0, classes = 0;  ///< hashes; base: the set before the piece
  };
  struct State {
    Sums sums;
    Pages<Spot> spots;                  ///< [operator]
    std::vector<double> load;           ///< [device] picoseconds; by Rank::end when it is free
    std::vector<double> channel;        ///< [channel] picoseconds
    std::vector<std::int64_t> weights;  ///< [device] bytes
    std::vector<std::uint8_t> used;     ///< [device]
    std::int32_t ready = -1;            ///< first of a list of cells
    std::int32_t step = -1;             ///< the last
  };
  struct Cell {
    std::int32_t op, next;
  };
  struct Step {
    std::int32_t parent, op, device;
  };
  struct Child {
    double rank;
    std::uint64_t key;
    std::int32_t state, op, device, place;  ///< place: among the ready
  };

  void measure();
  void measure_tails();
  State first();
  void extend(const State& state, int index);
  void find_starts(const State& state);
  void add_child(const State& state, int index, int op, int place, int device);
  std::int64_t weights(int op, int device) const {
    return layout_.weights(layout_.class_of(device), op);
  }
  bool fits(const State& state, int op, int device) const {
    return at(state.weights, device) + weights(op, device) <=
           layout_.room(layout_.class_of(device));
  }
  int roomiest(const State& state, int op) const;
  void choose(std::vector<State>& beam);
  void grow(State& state, const Child& child);
  void take_from_ready(State& state, int op, int place);
  Sums after(const State& state, int op, int device);
  void add_transfer(const State& state, int from, int to, double bytes, Sums& sums);
  double receive(const State& state, int op, int device, Sums& sums);
  double opened(const State& state, int op) const;
  bool is_there(const State& state, int tensor, int device) const;
  double rank(const Sums& sums) const;
  std::uint64_t key(const Sums& sums) const;
  Found trace(const State& state) const;
  double time(int op, int device) const {
    return at(time_, layout_.class_of(device) * problem_.operators + op);
  }
  double speed(int device) const { return at(speed_, layout_.class_of(device)); }

  const models::Problem& problem_;
  const Graph& graph_;
  ChainLayout layout_;
  Rank rank_;
  int width_, most_ready_;
  std::vector<double> time_;          ///< [class x operator] picoseconds
  std::vector<double> least_;         ///< [operator] time, or cost, where it is least
  std::vector<double> tail_;          ///< [operator] the longest way on from it
  std::vector<double> speed_;         ///< [class] 1: everything is fastest there
  std::vector<double> bytes_;         ///< [tensor]
  std::vector<double> per_byte_;      ///< [channel] picoseconds
  std::vector<std::int32_t> starts_;  ///< where the state may begin a piece
  std::vector<std::pair<std::int32_t, double>> sent_;  ///< channel, load after the last operator
  std::vector<Cell> cells_;                            ///< lists that states share
  std::vector<Step> steps_;
  std::vector<Child> children_;
  double margin_ = 1;
  int placed_ = 0;  ///< operators in the states extended
};

}  // namespace optimizers
