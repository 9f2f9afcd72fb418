#pragma once

#include "models/network/network.h"
#include "models/placement/placement.h"
#include "models/platform/platform.h"
#include "models/problem.h"

namespace models {

/// A placement problem as what an execution knows: one operator per node, in the order of
/// PlacementProblem::sorted, whose weights are the node's bytes and whose output takes c(u) over an
/// accelerator's link; its times come from the devices' tables, which lack what is not supported.
/// An execution counts otherwise than evaluate() in four things, see docs/search.md: links pay for
/// moving, an output goes over its maker's link once per reading device, colour classes may be
/// apart, and an accelerator runs its nodes one by one as they become ready.
Network placement_network(const PlacementProblem& problem);

/// Accelerators, each on a half-duplex link to the host, then CPUs, where moving takes no time that
/// counts. For latency one CPU with a slot per node. A colour class that has an unsupported member
/// is unsupported as a whole.
Platform placement_platform(const PlacementProblem& problem);

/// One precision, the order and the width of links not searched.
Choices placement_choices();

/// What an accelerator's link carries; c(u) is rounded to a byte of it, 100 ns.
inline constexpr double placement_bytes_per_second = 1e7;

}  // namespace models
