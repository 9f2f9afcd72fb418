#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "optimizers/placement/division.h"

namespace optimizers {

/// The set of items that is worth most of those that one device can take within a limit, exactly:
/// dynamic programming along an order of the items in which few nets are open at a time. A state is
/// what the open nets have seen (all in, all out, both), a label of it a load and a worth that no
/// other label of the state beats in both.
class BestSet {
 public:
  using Amount = Division::Amount;
  struct Found {
    Amount worth = 0;
    std::vector<std::vector<int>> sets;  ///< good ones, the best first; empty: none above
  };

  static constexpr int most_items = 3000;  ///< its tables grow with the square

  /// For accelerators, or for CPUs, which no cut burdens. The division outlives it.
  BestSet(const Division& division, bool cpu);

  /// The best of sets with a load of at most `limit` by worth [item] (none negative). Sets worth no
  /// more than `above` are not looked for: then `worth` is `above`. Nothing if it was stopped or
  /// had to keep more than `most` labels.
  std::optional<Found> find(const std::vector<Amount>& worth, Amount limit, Amount above,
                            std::size_t most, const std::function<bool()>& stop);
  std::int64_t labels() const { return labels_; }  ///< kept in all calls

 private:
  struct Label {
    std::uint64_t state = 0;
    Amount load = 0, worth = 0;
    int parent = -1;
    bool in = false;
  };
  struct Step {
    int item = 0;
    std::vector<int> slots;  ///< of the item's nets
    std::vector<Amount> costs;
    std::vector<char> opens, closes;
  };
  void arrange();
  void extend(const Label& label, int index, const Step& step, bool in, Amount limit);
  void keep_best(std::vector<Label>& labels) const;
  Amount most_left(std::size_t step, Amount room) const;
  void prepare(const std::vector<Amount>& worth);
  Found trace(Amount above) const;

  const Division& division_;
  bool cpu_;
  bool too_wide_ = false;
  std::vector<Step> steps_;
  std::vector<Label> fresh_, done_;  // done_: all steps, one after the other
  std::vector<Amount> worth_;
  std::int64_t labels_ = 0;
  struct Prefix {
    double load = 0, worth = 0;
  };
  std::vector<std::vector<Prefix>>
      left_;  // [step] items from there on, best ratio first, summed up
};

}  // namespace optimizers
