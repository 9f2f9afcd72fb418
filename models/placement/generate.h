#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "models/placement/placement.h"

namespace models {

/// What a made-up placement problem is like. Unlike in the public benchmark every node has its own
/// ratio of speeds, nodes may be unsupported, and memory may be tight.
struct PlacementRecipe {
  enum class Shape : std::uint8_t {
    chain,     ///< each reads the one before, some also an earlier one
    layered,   ///< layers of nodes, each of which reads one to three of the layer before
    branches,  ///< blocks of parallel chains between a fork and a join
    training   ///< layered, and as many backward nodes with mirrored edges in the same classes
  };

  Shape shape = Shape::layered;
  int nodes = 50;  ///< of training: both passes together
  int devices = 4;
  int cpus = 1;
  double slowest = 2, fastest = 20;  ///< CPU time over accelerator time, drawn evenly per node
  double unsupported = 0;            ///< share of nodes that accelerators do not support
  double colours = 0;                ///< share of nodes that share a device with the next one
  /// Memory of all accelerators together over the bytes of all nodes; 0: no limit that matters.
  double memory = 0;
  double communication = 0.3;  ///< mean time to move an output over mean accelerator time
  std::uint64_t seed = 1;
};

/// Reads "shape=training,nodes=100,devices=4,cpus=1,ratio=0.5..30,unsupported=0.1,colours=0.2,
/// memory=1.3,communication=1,seed=7", each part optional. Throws InputError naming the part.
PlacementRecipe parse_placement_recipe(std::string_view text);

/// The same recipe, the same problem on every machine. Memory is made larger where first fit would
/// not do, so that there always is a placement.
PlacementProblem make_placement_problem(
    const PlacementRecipe& recipe,
    PlacementProblem::Objective objective = PlacementProblem::Objective::throughput);

}  // namespace models
