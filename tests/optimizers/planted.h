#pragma once

#include <cstdint>
#include <memory>

#include "models/goal.h"
#include "models/problem.h"

namespace optimizers_test {

/// What a problem with a planted optimum is to be like.
struct PlantedShape {
  int operators = 5000;
  int devices = 64;
  int kinds = 4;   ///< of devices, at most 4
  int towers = 4;  ///< chains of segments beside each other, at most as many as devices
  bool tight_memory = true;
};

/// A problem whose best period bound is known, and a plan that has it.
///
/// Each device is given a segment of the network whose times there add up to exactly `period`.
/// Devices of kind k have a price y_k, a whole number. An operator of home kind h that takes p
/// there takes at least p x y_h / y_k on kind k, rounded up, or is not supported there. Whatever
/// the plan, the loads weighted by price therefore add up to at least
///   sum over operators of y_h x p  =  sum over devices of y_d x period,
/// so that some device has at least `period` of work: no plan is better. The links' work under the
/// planted plan is less, so that it is the optimum.
///
/// Dear devices are fast: most operators of cheap homes run faster elsewhere. Segments read from
/// neighbours through links and uplinks that would have many times `period` of work if operators
/// were scattered. Towers are interleaved in the network's order.
struct Planted {
  std::shared_ptr<const models::Problem> problem;
  models::Plan plan;
  models::Time period{};
  models::Goal goal;  ///< the period bound, in planted optima
};

Planted planted(const PlantedShape& shape, std::uint64_t seed);

}  // namespace optimizers_test
