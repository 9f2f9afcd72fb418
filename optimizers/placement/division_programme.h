#pragma once

#include <span>
#include <vector>

#include "models/placement/placement.h"
#include "optimizers/integer_programme.h"
#include "optimizers/placement/division.h"

namespace optimizers {

/// The division as an integer programme. Columns: the largest load, each item on each device, and
/// for each net on each accelerator whether it is cut. The limit is 100, whatever the unit.
class DivisionProgramme {
 public:
  /// The division outlives it.
  DivisionProgramme(const Division& division, models::Time limit);

  const IntegerProgramme& programme() const { return programme_; }
  /// Less than the cost says by the solver's tolerance.
  models::Time time_of(double cost) const;
  /// Keeps the items of every overfull accelerator apart, and the like ([item] device); false if
  /// none is overfull.
  bool rule_out(const std::vector<int>& devices);
  /// [item] device.
  std::vector<int> devices_of(std::span<const double> values) const;

 private:
  using Term = IntegerProgramme::Term;

  int devices() const { return division_.accelerators + division_.cpus; }
  bool is_accelerator(int device) const { return device < division_.accelerators; }
  int on(int item, int device) const { return 1 + item * devices() + device; }
  Division::Amount size_of(int item) const {
    return division_.items[static_cast<std::size_t>(item)].size;
  }

  void rank_items();
  void add_items();
  void add_load(int device);
  int add_cut(const Division::Net& net, int device);
  void add_memory();
  void add_order();
  std::vector<int> overfull(const std::vector<int>& devices, int device) const;
  void keep_apart(const std::vector<int>& items);

  const Division& division_;
  double unit_;
  int largest_ = 0;
  std::vector<int> order_, rank_;  ///< items by work
  IntegerProgramme programme_;
};

}  // namespace optimizers
