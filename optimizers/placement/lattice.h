#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace optimizers {

/// All down-sets (ideals) of a graph without circles: sets that hold every maker of what they hold.
/// They are numbered so that a set comes before every set it is part of; 0 is empty, the last
/// whole.
class Lattice {
 public:
  struct Step {
    int item = 0;   ///< what is added
    int ideal = 0;  ///< and the down-set it leads to
  };

  /// `makers` [item]. Nothing if there are more than `most`.
  static std::optional<Lattice> make(
      const std::vector<std::vector<int>>& makers, std::size_t most,
      const std::function<bool()>& stop = [] { return false; });

  int size() const { return static_cast<int>(begin_.size()) - 1; }
  bool holds(int ideal, int item) const {
    const auto word =
        static_cast<std::size_t>(ideal) * words_ + static_cast<std::size_t>(item / 64);
    return bits_[word] >> (item % 64) & 1;
  }
  std::span<const Step> steps(int ideal) const {
    const auto i = static_cast<std::size_t>(ideal);
    return std::span(steps_).subspan(begin_[i], begin_[i + 1] - begin_[i]);
  }

 private:
  int number_of(std::span<const std::uint64_t> bits);

  std::size_t words_ = 1;
  std::vector<std::uint64_t> bits_;  ///< [ideal][word]
  std::vector<std::size_t> begin_ = {0};
  std::vector<Step> steps_;
  std::unordered_multimap<std::uint64_t, int> known_;  ///< hash -> ideal; only looked up
};

}  // namespace optimizers
