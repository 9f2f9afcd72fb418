#pragma once

#include <span>
#include <vector>

#include "optimizers/placement/nets.h"

namespace optimizers {

/// An order of the devices in which no edge of the forward graph leads back: what makes a placement
/// contiguous, checked where it changes.
class Stages {
 public:
  explicit Stages(const models::PlacementProblem& problem);

  /// Takes the order from a placement, [group] device; false if it is not contiguous.
  bool set(std::span<const int> device_of_group);
  /// Whether the group stands well where it is.
  bool holds(int group, std::span<const int> device_of_group) const;
  /// The device changes places with the next in the order if no edge joins the two: nothing moves,
  /// but other moves become possible.
  void advance(int device, std::span<const int> device_of_group);
  /// Two devices change places in the order, as when they exchange all they have.
  void exchange(int a, int b) {
    std::swap(rank_[static_cast<std::size_t>(a)], rank_[static_cast<std::size_t>(b)]);
  }

 private:
  std::span<const int> after(int group) const { return part(after_begin_, after_, group); }
  std::span<const int> before(int group) const { return part(before_begin_, before_, group); }
  static std::span<const int> part(const std::vector<int>& begin, const std::vector<int>& all,
                                   int index) {
    const auto i = static_cast<std::size_t>(index);
    return std::span(all).subspan(static_cast<std::size_t>(begin[i]),
                                  static_cast<std::size_t>(begin[i + 1] - begin[i]));
  }
  int rank(int device) const { return rank_[static_cast<std::size_t>(device)]; }

  std::vector<int> rank_;                                         ///< [device]
  std::vector<int> after_begin_, after_, before_begin_, before_;  ///< groups, forward edges only
};

}  // namespace optimizers
