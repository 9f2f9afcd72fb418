#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/visitor.h"
#include "optimizers/codesign.h"
#include "scenarios/axis.h"
#include "scenarios/section.h"
#include "scenarios/value.h"

namespace scenarios {

/// What is searched of the platform beside the plan.
struct Codesign {
  enum class Search : std::uint8_t { nested, joint };

  /// Paths below `platform` that take their values in lockstep.
  struct Variable {
    Axis axis;
    std::vector<bool> is_preset;  ///< [path] its mappings replace single keys of what is there
  };

  Search search = Search::nested;
  optimizers::Outer outer = optimizers::Outer::automatic;
  double share = 0.5;       ///< of a joint search's budget, for its population
  std::int64_t least = 50;  ///< evaluations of a visit
  std::vector<Variable> variables;
};

/// Search, outer, share, least: all but the variables.
void describe(Codesign& codesign, models::Visitor& v);

/// Reads the section. Adds a fault for every variable that cannot be read.
Codesign read_codesign(const Value& section, Faults& faults);

/// The section as read_codesign reads it back.
Value to_value(const Codesign& codesign);

/// Takes variables out whose path is set on the command line; the section too when none is left.
void drop_what_is_set(Value& file, const std::vector<std::string>& set);

/// Adds a fault for every path that is both searched and swept.
void refuse_swept(const Value& section, const std::vector<Axis>& axes, Faults& faults);

/// Gives the variable its value number `step`. Throws InputError at the value's place where the
/// path leads nowhere.
void put_choice(Value& file, const Codesign::Variable& variable, std::size_t step);

}  // namespace scenarios
