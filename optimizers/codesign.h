#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "optimizers/designs.h"
#include "optimizers/optimizer.h"

namespace optimizers {

/// What a co-design search is given. All but the copies outlive it.
struct DesignTask {
  Designs& designs;
  const models::Goal& goal;
  const Entry& inner;  ///< the algorithm that searches plans on one platform
  Settings settings;   ///< of the inner algorithm
  std::uint64_t seed = 1;
  std::int64_t budget = 10'000;  ///< evaluations, of all platforms together
  std::int64_t least = 50;       ///< evaluations below which a visit of a platform says nothing
  std::vector<models::Plan> start = {};               ///< valid for the platforms that they name
  std::function<bool()> stop = [] { return false; };  ///< as of a Task
};

/// Which platforms a nested search visits.
enum class Outer : std::uint8_t {
  automatic,   ///< exhaustive with an exhaustive search, else the next that the budget allows
  exhaustive,  ///< all, each with the same share of the budget
  halving,     ///< all, half of them dropped after each round (successive halving)
  evolution    ///< a sample, then neighbours of the best
};

/// Searches plans within platforms: the outer loop chooses which platforms to visit, the inner
/// algorithm searches plans there, from the best ones known, carried over from where they were
/// found. Successive halving (Jamieson and Talwalkar, AISTATS 2016) shares the effort.
/// Platforms that break a limit on area or price are left out unless all do.
/// Throws InputError where the inner algorithm refuses.
std::unique_ptr<Optimizer> make_nested(const DesignTask& task, Outer outer);

/// Searches pairs of a platform and a plan: a population (NSGA-II) whose children differ from their
/// parents in the platform, the plan or both; of a goal that is one number each platform may have
/// an eighth of it, and the best platforms then share what `share` leaves of the budget, by
/// successive halving with the inner algorithm.
std::unique_ptr<Optimizer> make_joint(const DesignTask& task, double share);

}  // namespace optimizers
