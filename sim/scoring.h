#pragma once

#include <cstdint>
#include <vector>

#include "models/outcome.h"
#include "models/problem.h"
#include "models/score.h"
#include "models/totals.h"
#include "sim/tally.h"

namespace sim {

/// Picoseconds of work per request and slot, switches inside one request included under `strict`.
std::int64_t device_load(const models::Problem& problem, const models::Totals& totals, int device);

/// The one place where scores are made: all engines agree because they agree on the tally.
models::Score make_score(const models::Problem& problem, const models::Totals& totals,
                         const models::Plan& plan, Tally& tally);

/// How each network fared.
std::vector<models::NetworkResult> network_results(const models::Problem& problem,
                                                   const Tally& tally);

/// Joules of the whole execution, by kind.
models::EnergySplit energy_of(const models::Problem& problem, const models::Totals& totals,
                              const models::Plan& plan, const Tally& tally);

/// Watts x seconds of one device, or of one link.
double static_energy_of_device(const models::Problem& problem, int device, const Tally& tally);
double static_energy_of_link(const models::Problem& problem, const models::Plan& plan, int link,
                             const Tally& tally);

}  // namespace sim
