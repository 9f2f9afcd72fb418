#include "optimizers/placement/terrain.h"

#include <algorithm>

#include "models/index.h"
#include "optimizers/placement/latency_terrain.h"
#include "optimizers/placement/throughput_terrain.h"

namespace optimizers {

namespace {

using models::at;

std::vector<int> equal_parts(const models::PlacementProblem& problem, const PlacementNets& nets) {
  std::vector<int> devices(at(nets.groups()), -1);
  double total = 0, done = 0;
  for (int g = 0; g < nets.groups(); ++g)
    if (nets.group(g).on_accelerator) total += static_cast<double>(nets.group(g).accelerator);
  for (const int node : problem.sorted) {
    const int group = at(problem.group_of, node);
    auto& device = at(devices, group);
    if (device >= 0) continue;
    if (problem.accelerators == 0 || !nets.group(group).on_accelerator) {
      device = problem.accelerators;
      continue;
    }
    const double share = total > 0 ? done / total : 0;
    device = std::min(problem.accelerators - 1, static_cast<int>(share * problem.accelerators));
    done += static_cast<double>(nets.group(group).accelerator);
  }
  return devices;
}

}  // namespace

std::unique_ptr<Terrain> make_terrain(const models::PlacementProblem& problem,
                                      const PlacementNets& nets, bool contiguous) {
  if (problem.objective == models::PlacementProblem::Objective::latency)
    return std::make_unique<LatencyTerrain>(problem, nets);
  return std::make_unique<ThroughputTerrain>(problem, nets, contiguous);
}

std::vector<int> first_devices(const models::PlacementProblem& problem, const PlacementNets& nets,
                               Terrain& terrain) {
  auto devices = equal_parts(problem, nets);
  if (problem.objective == models::PlacementProblem::Objective::throughput && terrain.set(devices))
    return devices;
  // One device holds everything: the CPU if there is one, since it has the memory.
  std::fill(devices.begin(), devices.end(), problem.cpus > 0 ? problem.accelerators : 0);
  terrain.set(devices);
  return devices;
}

}  // namespace optimizers
