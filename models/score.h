#pragma once

#include <cstdint>

#include "models/metric.h"
#include "models/units.h"

namespace models {

/// A device or one direction of a link.
struct Resource {
  enum class Kind : std::uint8_t { none, device, channel } kind = Kind::none;
  int index = -1;
  friend bool operator==(Resource, Resource) = default;
};

/// How good a plan is: what every evaluator gives. Fixed size, nothing allocated.
struct Score {
  bool supported = true;         ///< every operator runs in a format its device supports
  std::int64_t memory_over = 0;  ///< bytes beyond capacity, summed over devices; 0 when it fits
  Time latency_mean{};           ///< rounded down to whole picoseconds
  Time latency_p50{};
  Time latency_p95{};
  Time latency_p99{};
  Time makespan{};                ///< first arrival to last event
  double period_seconds = 0;      ///< steady-state estimate; makespan / requests below 4 requests
  Time period_bound{};            ///< largest work per request of a device or link direction
  double energy_joules = 0;       ///< per request, static power included
  std::int64_t memory_bytes = 0;  ///< largest over devices of weights + one request
  std::int64_t transferred_bytes = 0;  ///< per request, payload as rounded, each transfer once
  double load_balance = 1;             ///< largest device load / mean load, 1 is even
  double accuracy_loss = 0;            ///< estimated noise-to-signal ratio at the outputs
  std::int64_t requests = 1;
  std::int64_t unfinished = 0;       ///< requests that could not complete
  std::int64_t deadline_misses = 0;  ///< requests that completed after their deadline, or never
  double area = 0;                   ///< mm2 of the platform; 0 where it is not given
  double price = 0;                  ///< of the platform; 0 where it is not given
  Resource bottleneck;               ///< the resource that makes period_bound

  bool feasible() const { return supported && memory_over == 0 && unfinished == 0; }
  /// The metric in its unit (seconds, joules, bytes, per second).
  double value(Metric metric) const;
};

/// The share q (0..1] of `count` sorted values: the smallest value with at least q x count values
/// at or below it (nearest rank).
inline std::int64_t percentile_index(std::int64_t count, int percent) {
  return (count * percent + 99) / 100 - 1;
}

}  // namespace models
