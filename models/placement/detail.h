#pragma once

#include <vector>

#include "models/placement/placement.h"

namespace models {

/// Where the time of a placement goes. For people: evaluate() says what counts.
struct PlacementDetail {
  struct Device {
    Time compute{}, moving_in{}, moving_out{};  ///< moving: accelerators only
    Time start{}, end{};                        ///< latency; of the CPUs first start and last end
    std::int64_t bytes = 0;
    int nodes = 0;

    Time load() const { return compute + moving_in + moving_out; }
  };
  /// One step on the way to the end of a sample: an accelerator's set or a node on a CPU.
  struct Step {
    int device = 0;
    int node = -1;  ///< -1: all of the accelerator's set
    Time start{}, end{};
  };
  std::vector<Device> devices;
  std::vector<Step> critical;  ///< latency, valid placements only: each waits for the one before
};

/// Of a placement on devices that exist.
PlacementDetail explain(const PlacementProblem& problem, const Placement& placement);

/// What devices are called: "accelerator0", "cpu0"; for latency, where CPUs are not counted, "cpu".
std::string device_name(const PlacementProblem& problem, int device);

}  // namespace models
