#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/random.h"
#include "optimizers/placement/solver.h"
#include "optimizers/placement/terrain.h"

namespace optimizers {

/// A heuristic that can be run a slice at a time, for ever.
class PlacementSearch {
 public:
  virtual ~PlacementSearch() = default;

  /// Tries up to `moves` moves, fewer only if `stop` says so (asked every few thousand) or `halt`
  /// (asked within steps of large problems), or if there are none; returns how many.
  virtual std::int64_t run(std::int64_t moves, const std::function<bool()>& stop,
                           const std::function<bool()>& halt) = 0;
  /// A placement from elsewhere that counts, [group] device; taken up where it is better.
  void offer(std::span<const int> device_of_group, std::int64_t value) {
    if (value >= value_) return;
    value_ = value;
    best_.assign(device_of_group.begin(), device_of_group.end());
  }

  bool found() const { return value_ != std::numeric_limits<std::int64_t>::max(); }
  std::int64_t value() const { return value_; }  ///< of the best so far, in ps
  std::span<const int> best() const { return best_; }

 protected:
  /// Remembers what stands if it is allowed and better.
  bool remember(const Terrain& terrain) {
    if (terrain.memory_over() > 0 || terrain.value() >= value_) return false;
    value_ = terrain.value();
    best_.assign(terrain.placement().begin(), terrain.placement().end());
    return true;
  }

 private:
  std::int64_t value_ = std::numeric_limits<std::int64_t>::max();
  std::vector<int> best_;
};

/// Moves that a search may try between two questions whether to halt: the more groups, the longer
/// one takes.
inline std::int64_t moves_per_question(int groups) {
  return std::max(1, 200'000 / (groups + 1));
}

struct SearchTask {
  const models::PlacementProblem& problem;
  const PlacementNets& nets;
  std::uint64_t seed = 1;
  bool contiguous = false;
};
std::unique_ptr<PlacementSearch> make_annealing(const SearchTask& task);
std::unique_ptr<PlacementSearch> make_local(const SearchTask& task);

/// Why no search can take the problem: what it counts for every output and device would take more
/// than 4 GB. Empty if it can.
std::string search_refusal(const models::PlacementProblem& problem);

/// What is known before any search: the cheap bound, the starts and what greedy makes of them.
void begin_answer(const PlacementTask& task, PlacementAnswer& answer);

/// Runs one search alone until budget, stop or proof.
PlacementAnswer run_alone(const PlacementTask& task,
                          std::unique_ptr<PlacementSearch> (*make)(const SearchTask&));

}  // namespace optimizers
