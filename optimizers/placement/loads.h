#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "optimizers/placement/nets.h"

namespace optimizers {

/// A group goes to a device.
struct Shift {
  int group = 0;
  int device = 0;
};

/// What every device carries, kept up to date move by move: exact, in O(nets of the group), the
/// same for any order of moves. For latency these are the durations of the slots.
class Loads {
 public:
  Loads(const models::PlacementProblem& problem, const PlacementNets& nets);

  /// Starts anew from [group] device.
  void set(std::span<const int> device_of_group);

  int devices() const { return static_cast<int>(load_.size()); }
  int device(int group) const { return device_[static_cast<std::size_t>(group)]; }
  std::span<const int> placement() const { return device_; }
  std::int64_t load(int device) const { return load_[static_cast<std::size_t>(device)]; }
  std::int64_t size(int device) const { return size_[static_cast<std::size_t>(device)]; }
  /// Bytes beyond the memory of the device, were it to hold `size`.
  std::int64_t over(int device, std::int64_t size) const {
    return device < accelerators_ && size > memory_ ? size - memory_ : 0;
  }
  /// Bytes beyond, summed over accelerators.
  std::int64_t memory_over() const { return over_; }
  /// The largest load, and how many devices have it.
  std::int64_t largest() const;
  int ties() const;

  /// What a move would do to the two devices it touches; no other changes.
  struct Change {
    std::int64_t from = 0;
    std::int64_t to = 0;
  };
  Change change(int group, int to) const;

  /// Moves; a move to where the group is does nothing.
  void move(int group, int to);
  /// Takes back all moves since the last keep(), set() or undo().
  void undo();
  void keep() { journal_.clear(); }

 private:
  void shift(int group, int to);
  int& count(int net, int device) {
    return count_[static_cast<std::size_t>(net) * load_.size() + static_cast<std::size_t>(device)];
  }
  const int* counts(int net) const {
    return count_.data() + static_cast<std::size_t>(net) * load_.size();
  }

  const PlacementNets& nets_;
  int accelerators_;
  std::int64_t memory_;
  std::vector<int> device_;                ///< [group]
  std::vector<std::int64_t> load_, size_;  ///< [device]
  std::vector<int> count_;                 ///< [net][device] readers there
  std::int64_t over_ = 0;
  std::vector<Shift> journal_;  ///< where groups came from
};

}  // namespace optimizers
