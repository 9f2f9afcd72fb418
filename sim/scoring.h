#pragma once

#include <cstdint>
#include <vector>

#include "models/outcome.h"
#include "models/problem.h"
#include "models/score.h"
#include "models/totals.h"

namespace sim {

/// What an execution leaves behind for scoring, whichever engine it was. Reused between plans.
struct Tally {
  std::vector<std::int64_t> completions;   ///< picoseconds, in order of requests
  std::vector<std::int64_t> latencies;     ///< picoseconds, in order of requests
  std::vector<std::int64_t> switches;      ///< [device] precision switches that were paid
  std::vector<std::int64_t> device_busy;   ///< [device] picoseconds, summed over slots
  std::vector<std::int64_t> channel_busy;  ///< [channel] picoseconds held; fair: bytes / bandwidth
  std::int64_t first_arrival = 0;
  std::int64_t last_event = 0;
  std::vector<std::int64_t> sorted;  ///< scratch

  void reset(const models::Problem& problem);
};

/// Picoseconds of work per request and slot, switches inside one request included under `strict`.
std::int64_t device_load(const models::Problem& problem, const models::Totals& totals, int device);

/// The one place where scores are made: all engines agree because they agree on the tally.
models::Score make_score(const models::Problem& problem, const models::Totals& totals,
                         const models::Plan& plan, Tally& tally);

/// Joules of the whole execution, by kind.
models::EnergySplit energy_of(const models::Problem& problem, const models::Totals& totals,
                              const models::Plan& plan, const Tally& tally);

/// Watts x seconds of one device, or of one link.
double static_energy_of_device(const models::Problem& problem, int device, const Tally& tally);
double static_energy_of_link(const models::Problem& problem, const models::Plan& plan, int link,
                             const Tally& tally);

}  // namespace sim
