#pragma once

#include <memory>

#include "tests/sim/random_case.h"

namespace random_case {

/// What may happen to a case during its run.
struct Dynamics {
  bool changes = true;    ///< of speed, load and width
  bool failures = true;   ///< of devices and links, which return
  bool bursts = true;     ///< more requests
  bool limits = true;     ///< buffers and copy engines
  bool batches = true;    ///< requests are gathered
  bool may_stall = true;  ///< sometimes something stands still, or does not return
};

/// The case's problem with random events, within the time that it takes without.
std::shared_ptr<const models::Problem> with_dynamics(const Case& from, const Dynamics& wanted);

/// Two networks on the case's platform, with events; the plan is for both.
struct TwoNetworks {
  std::shared_ptr<const models::Problem> problem;
  models::Plan plan;
};
TwoNetworks two_networks(const Case& from, const Wanted& wanted, const Dynamics& dynamics);

/// The events in words.
std::string events_in_words(const models::Problem& problem);

}  // namespace random_case
