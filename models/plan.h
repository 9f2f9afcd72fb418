#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace models {

/// What runs where, in which order and format, and how tensors travel. All numbers are indices into
/// one Problem: a plan means nothing without it (plan files carry names instead).
struct Plan {
  enum class Discipline : std::uint8_t { strict, ready };
  static constexpr std::uint8_t as_produced = 255;

  std::vector<std::uint16_t> device;    ///< [operator]
  std::vector<std::uint8_t> precision;  ///< [operator] index into Problem::formats, a compute one
  std::vector<std::int32_t> order;      ///< [position] operator: a topological permutation ("rank")
  /// [tensor * devices + target device] index into Problem::formats, or as_produced.
  std::vector<std::uint8_t> wire;
  std::vector<std::uint16_t> lanes;  ///< [link] powered lanes
  Discipline discipline = Discipline::strict;
  /// Which of the platforms of a co-design it is for, see optimizers/designs.h; 0 elsewhere.
  std::uint32_t platform = 0;

  friend bool operator==(const Plan&, const Plan&) = default;
};

/// One elementary difference between two plans.
struct Change {
  enum class What : std::uint8_t {
    device,     ///< operator `index` runs on device `value`
    precision,  ///< operator `index` computes in format `value`
    wire,       ///< entry `index` of Plan::wire becomes `value`
    lanes,      ///< link `index` powers `value` lanes
    rank        ///< the operator at position `index` moves to position `value`, others close up
  } what = What::device;
  std::int32_t index = 0;
  std::int32_t value = 0;

  friend bool operator==(const Change&, const Change&) = default;
};

/// Makes the change and answers the change that undoes it. Costs O(1), but O(distance) for a rank.
Change apply(Plan& plan, Change change);

/// What an optimizer asks to be scored: a few base plans, and for every trial a base and the
/// changes to make to it, one after the other. Nothing is copied per trial; a batch is reused.
struct Batch {
  struct Trial {
    int base = 0;
    int first_change = 0;
    int end_change = 0;
  };
  std::vector<const Plan*> bases;  ///< owned by the optimizer, valid until its next ask()
  std::vector<Change> changes;
  std::vector<Trial> trials;

  void clear() {
    bases.clear();
    changes.clear();
    trials.clear();
  }
  /// The plan of a trial, as a copy.
  Plan plan(std::size_t trial) const;
};

}  // namespace models
