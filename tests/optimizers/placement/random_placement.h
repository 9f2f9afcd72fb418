#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "models/error.h"
#include "models/index.h"
#include "models/placement/placement.h"
#include "models/random.h"

/// Small placement problems of every kind, and what is best for them by trying everything.
namespace optimizers::testing {

struct RandomPlacement {
  int nodes = 7;
  int accelerators = 2;
  int cpus = 1;
  bool one_ratio = false;     ///< CPUs are slower by the same factor for every node
  bool unsupported = false;   ///< some nodes cannot run on accelerators
  bool tight_memory = false;  ///< accelerators hold a little more than half of all
  bool colours = false;       ///< some nodes share a class
  bool training = false;      ///< a backward node for every forward node
  bool latency = false;
};

inline models::PlacementProblem random_placement(models::Random& random,
                                                 const RandomPlacement& shape) {
  using models::at;
  models::PlacementProblem problem;
  problem.objective = shape.latency ? models::PlacementProblem::Objective::latency
                                    : models::PlacementProblem::Objective::throughput;
  problem.accelerators = shape.accelerators;
  problem.cpus = shape.latency ? 1 : shape.cpus;
  std::int64_t size = 0;
  const std::int64_t dear = random.below(3);  // moving: nearly free, as dear as work, dearer
  for (int n = 0; n < shape.nodes; ++n) {
    models::PlacementProblem::Node node;
    node.id = 100 + n;
    node.accelerator = models::Time(random.chance(0.2) ? 0 : random.below(1000));
    node.cpu = node.accelerator * (shape.one_ratio ? 5 : random.below(10));
    node.send = models::Time(random.below(dear == 0 ? 10 : dear == 1 ? 400 : 2000));
    node.size = random.below(100);
    node.on_accelerator = !(shape.unsupported && random.chance(0.2));
    size += node.size;
    problem.nodes.push_back(node);
  }
  problem.memory = shape.tight_memory ? size * 6 / 10 : size;
  std::vector<models::PlacementEdge> edges;
  std::vector<int> colours(at(shape.nodes), -1);
  const int forward = shape.training ? (shape.nodes + 1) / 2 : shape.nodes;
  for (int to = 1; to < forward; ++to)
    for (int from = std::max(0, to - 4); from < to; ++from)
      if (random.chance(0.4)) edges.push_back({from, to});
  for (int n = forward; n < shape.nodes; ++n) {
    at(problem.nodes, n).backward = true;
    const int mirror = shape.nodes - 1 - n;
    edges.push_back({mirror, n});
    if (n > forward) edges.push_back({n - 1, n});
    if (random.chance(0.8)) at(colours, n) = at(colours, mirror) = mirror;
  }
  if (shape.colours)
    for (int n = 0; n < shape.nodes; ++n)
      if (at(colours, n) < 0 && random.chance(0.4))
        at(colours, n) = 1000 + static_cast<int>(random.below(2));
  models::finish(problem, edges, colours);
  return problem;
}

/// The least value of all placements (contiguous ones if asked); nothing if none is valid.
inline std::optional<models::Time> best_of_all(const models::PlacementProblem& problem,
                                               bool contiguous = false) {
  std::optional<models::Time> best;
  std::vector<int> devices(models::at(problem.groups()));
  models::Placement placement(problem.nodes.size());
  while (true) {
    for (int n = 0; n < problem.size(); ++n)
      models::at(placement, n) = models::at(devices, models::at(problem.group_of, n));
    const auto score = models::evaluate(problem, placement);
    if (score.valid && (!best || score.value < *best) &&
        (!contiguous || models::is_contiguous(problem, placement)))
      best = score.value;
    std::size_t digit = 0;
    while (digit < devices.size() && ++devices[digit] == problem.devices()) devices[digit++] = 0;
    if (digit == devices.size()) return best;
  }
}

/// Calls check(problem, optimum) for problems of every kind that have a valid placement.
template <class Check>
void for_random_placements(std::uint64_t seed, int rounds, bool latency, Check check) {
  models::Random random(seed);
  for (int round = 0; round < rounds; ++round) {
    RandomPlacement shape;
    shape.nodes = 4 + static_cast<int>(random.below(5));
    shape.accelerators = 1 + static_cast<int>(random.below(3));
    shape.cpus = static_cast<int>(random.below(3));
    if (shape.accelerators + shape.cpus > 3) shape.nodes = std::min(shape.nodes, 7);
    shape.one_ratio = random.chance(0.3);
    shape.unsupported = shape.cpus > 0 && random.chance(0.4);
    shape.tight_memory = random.chance(0.4);
    shape.colours = random.chance(0.3);
    shape.training = !latency && random.chance(0.3);
    shape.latency = latency;
    std::optional<models::PlacementProblem> problem;
    try {
      problem = random_placement(random, shape);
    } catch (const models::InputError&) {
      continue;  // nothing can hold it
    }
    check(*problem, round);
  }
}

}  // namespace optimizers::testing
