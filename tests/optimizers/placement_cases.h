#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "models/index.h"
#include "models/placement/generate.h"
#include "models/random.h"

namespace placement_cases {

/// Small enough to try every placement.
inline const std::vector<std::string> tiny = {
    "shape=chain,nodes=7,devices=2,seed=1",
    "shape=chain,nodes=8,devices=2,ratio=0.5..3,communication=2,seed=2",
    "shape=layered,nodes=8,devices=2,memory=0.9,seed=3",
    "shape=layered,nodes=7,devices=3,ratio=0.2..2,unsupported=0.3,seed=4",
    "shape=layered,nodes=8,devices=2,cpus=0,memory=1.2,seed=5",
    "shape=layered,nodes=7,devices=2,cpus=2,ratio=1..4,colours=0.4,seed=6",
    "shape=branches,nodes=8,devices=2,communication=0,seed=7",
    "shape=branches,nodes=8,devices=2,memory=0.5,unsupported=0.2,seed=8",
    "shape=branches,nodes=7,devices=3,cpus=0,colours=0.3,seed=9",
    "shape=training,nodes=12,devices=2,ratio=0.5..5,seed=10",
    "shape=training,nodes=14,devices=2,memory=1.1,unsupported=0.1,communication=1,seed=11",
    "shape=training,nodes=13,devices=3,cpus=0,memory=1.5,seed=12",
    "shape=chain,nodes=6,devices=0,cpus=2,seed=13",
    "shape=chain,nodes=1,devices=1,seed=14",
};

inline const std::vector<std::string> small = {
    "shape=chain,nodes=40,devices=4,ratio=0.5..10,seed=1",
    "shape=layered,nodes=60,devices=3,memory=1.05,unsupported=0.1,seed=2",
    "shape=branches,nodes=50,devices=4,cpus=0,memory=1.2,communication=1,seed=3",
    "shape=training,nodes=80,devices=4,ratio=0.2..8,unsupported=0.05,colours=0.2,seed=4",
    "shape=layered,nodes=50,devices=6,cpus=2,ratio=0.5..2,memory=0.6,colours=0.3,seed=5",
};

inline models::PlacementProblem problem(const std::string& recipe,
                                        models::PlacementProblem::Objective objective =
                                            models::PlacementProblem::Objective::throughput) {
  return models::make_placement_problem(models::parse_placement_recipe(recipe), objective);
}

/// Every class on some device, allowed or not.
inline models::Placement random_placement(const models::PlacementProblem& problem,
                                          models::Random& random) {
  using models::at;
  models::Placement placement(at(problem.size()));
  for (int g = 0; g < problem.groups(); ++g) {
    const int device = static_cast<int>(random.below(problem.devices()));
    for (const int node : problem.members(g)) at(placement, node) = device;
  }
  return placement;
}

/// The least value of all placements; Time::max() if none is valid.
inline models::Time optimum(const models::PlacementProblem& problem, bool contiguous = false) {
  using models::at;
  std::vector<int> device(at(problem.groups()));
  auto best = models::Time::max();
  for (;;) {
    models::Placement placement(at(problem.size()));
    for (int n = 0; n < problem.size(); ++n) at(placement, n) = at(device, at(problem.group_of, n));
    const auto score = models::evaluate(problem, placement);
    if (score.valid && (!contiguous || models::is_contiguous(problem, placement)))
      best = std::min(best, score.value);
    std::size_t g = 0;
    while (g < device.size() && ++device[g] == problem.devices()) device[g++] = 0;
    if (g == device.size()) return best;
  }
}

}  // namespace placement_cases
