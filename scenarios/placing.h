#pragma once

#include <functional>
#include <string>
#include <vector>

#include "optimizers/placement/solver.h"
#include "results/placement_report.h"
#include "scenarios/progress.h"

namespace scenarios {

/// How a placement is searched.
struct PlacingChoice {
  std::string algorithm;
  double seconds = 0;  ///< after which the search is cut short; 0: never
  std::int64_t budget = std::numeric_limits<std::int64_t>::max();
  std::uint64_t seed = 1;
  bool contiguous = false;
  std::vector<models::Placement> start;
};

/// What a search came to, and how it went.
struct Placing {
  struct Point {
    double seconds = 0;
    std::int64_t effort = 0;
    models::Time value{}, lower_bound{};
  };
  results::PlacementReport report;
  std::vector<Point> history;  ///< whenever value or bound became better

  /// Until the value was within `share` of `best`; negative if it never was.
  double seconds_to(models::Time best, double share) const;
};

/// Solves the problem by an algorithm of the placement catalogue, or else of the general one. Tells
/// the best so far every second; Ctrl-C (an Interruption must live) ends it with what is found.
/// Throws InputError when the algorithm is not known or cannot take the problem.
Placing find_placement(const models::PlacementProblem& problem, const PlacingChoice& choice,
                       Progress& progress);

/// Throws InputError naming all there are.
void check_placement_algorithm(const std::string& name);

/// What is taken when nothing is said.
std::string standard_placement_algorithm();

}  // namespace scenarios
