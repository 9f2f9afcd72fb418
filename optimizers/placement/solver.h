#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/placement/placement.h"

namespace optimizers {

/// How a solver stands: the best placement so far and how good any can be.
struct PlacementAnswer {
  models::Placement placement;  ///< empty: none found
  models::Time value = models::Time::max();
  models::Time lower_bound{};      ///< no placement (of the kind asked for) is better
  std::string bound = "none";      ///< where the bound comes from: "work over speed", ...
  std::int64_t effort = 0;         ///< evaluations: placements scored, states or nodes expanded
  std::vector<std::string> notes;  ///< what of an algorithm took no part, and why; in words

  bool found() const { return !placement.empty(); }
  bool is_proven() const { return found() && models::is_proven(value, lower_bound); }
  /// models::relative_gap(); 1 when nothing is found or known.
  double gap() const;
};

/// What a solver is given. The problem outlives it.
struct PlacementTask {
  const models::PlacementProblem& problem;
  std::uint64_t seed = 1;
  /// Evaluations (placements scored, states or nodes expanded, minimum cuts, steps of the simplex
  /// method) after which it ends; what a solver does depends on this and the seed, never on the
  /// clock.
  std::int64_t budget = std::numeric_limits<std::int64_t>::max();
  /// Placements to start from, all valid.
  std::vector<models::Placement> start = {};
  /// `start` is what heuristics came to, and the cheap bounds are known: an exact method begins at
  /// once.
  bool searched = false;
  models::Time known_bound{};  ///< a lower bound that is known already
  bool bounded = false;        ///< known_bound is no worse than placement_bound()
  bool contiguous = false;     ///< only contiguous placements count (throughput)
  /// Asked between steps, by heuristics every few thousand moves: true cuts the search short.
  std::function<bool()> stop = [] { return false; };
  /// The same, asked within steps that take long (at least every tenth of a second): how often has
  /// no effect on how the search goes.
  std::function<bool()> halt = [] { return false; };
  /// Told whenever the value or the bound has become better.
  std::function<void(const PlacementAnswer&)> improved = [](const PlacementAnswer&) {};
};

/// One row per solver. To add yours: one file, one row in placement/catalogue.cpp.
struct PlacementEntry {
  std::string_view name;
  std::string_view summary;
  /// Empty if it can take the problem, else why not, in words.
  std::string (*refusal)(const PlacementTask& task);
  /// The answer of the last improved(), or better. Throws InputError if refused.
  PlacementAnswer (*solve)(const PlacementTask& task);
};

std::span<const PlacementEntry> placement_catalogue();

/// Throws InputError naming those there are.
const PlacementEntry& find_placement(std::string_view name);

}  // namespace optimizers
