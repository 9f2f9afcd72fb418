#pragma once

#include <cstdint>
#include <vector>

#include "models/placement/placement.h"

namespace models {

/// A problem put together by hand, in milliseconds and bytes; accelerators 2, CPUs 1, plenty of
/// memory unless changed before finished().
struct SamplePlacement {
  PlacementProblem problem;
  std::vector<PlacementEdge> edges;
  std::vector<int> colours;

  explicit SamplePlacement(
      PlacementProblem::Objective objective = PlacementProblem::Objective::throughput) {
    problem.objective = objective;
    problem.accelerators = 2;
    problem.cpus = 1;
    problem.memory = 1'000'000;
  }
  static Time ms(int count) { return Time(count * 1'000'000'000LL); }

  SamplePlacement& node(int cpu, int accelerator, int send, std::int64_t size = 1,
                        int colour = -1) {
    PlacementProblem::Node node;
    node.id = static_cast<std::int64_t>(problem.nodes.size());
    node.cpu = ms(cpu);
    node.accelerator = ms(accelerator);
    node.send = ms(send);
    node.size = size;
    problem.nodes.push_back(node);
    colours.push_back(colour);
    return *this;
  }
  SamplePlacement& edge(int from, int to) {
    edges.push_back({from, to});
    return *this;
  }
  PlacementProblem finished() {
    finish(problem, edges, colours);
    return problem;
  }
};

}  // namespace models
