#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/score.h"
#include "models/timeline.h"

namespace models {

/// How the time of one device's slots was spent, from first arrival to last event, in picoseconds
/// summed over slots. The parts add up to slots x makespan.
struct SlotTime {
  std::int64_t compute = 0;
  std::int64_t convert = 0;
  std::int64_t switching = 0;
  std::int64_t wait_input = 0;   ///< work is admitted, what it reads is not present
  std::int64_t wait_memory = 0;  ///< requests have arrived and cannot be admitted
  std::int64_t down = 0;
  std::int64_t idle = 0;  ///< nothing to do
  std::int64_t lost = 0;  ///< work that failures undid
  std::int64_t total() const {
    return compute + convert + switching + wait_input + wait_memory + down + lost + idle;
  }
};

/// Where the latency of requests went, found by walking back from each one's last arrival at the
/// sink; picoseconds summed over requests. The parts add up to the sum of latencies.
struct LatencySplit {
  std::int64_t compute = 0;
  std::int64_t convert = 0;
  std::int64_t switching = 0;
  std::int64_t sending = 0;  ///< holding links, or flowing
  std::int64_t link_latency = 0;
  std::int64_t wait_device = 0;  ///< ready, but the device was busy or kept to its order
  std::int64_t wait_link = 0;
  std::int64_t wait_memory = 0;  ///< until admission
  std::int64_t wait_batch = 0;   ///< for the others of its batch
  std::int64_t lost = 0;         ///< between the start of a failed attempt and that of the last
  std::int64_t total() const {
    return compute + convert + switching + sending + link_latency + wait_device + wait_link +
           wait_memory + wait_batch + lost;
  }
};

/// Joules of the whole execution. Every joule once.
struct EnergySplit {
  double compute = 0;
  double convert = 0;
  double switching = 0;
  double transfer = 0;
  double static_devices = 0;
  double static_links = 0;
  double width_changes = 0;  ///< of links, during the run
  double lost = 0;           ///< work that failures undid
  double total() const {
    return compute + convert + switching + transfer + static_devices + static_links +
           width_changes + lost;
  }
};

struct DeviceUse {
  std::string name;
  SlotTime time;
  std::int64_t capacity = 0;       ///< bytes
  std::int64_t weights = 0;        ///< bytes
  std::int64_t per_request = 0;    ///< bytes: R of the execution model
  std::int64_t observed_peak = 0;  ///< bytes: weights + most ever held by admitted requests
  double joules = 0;               ///< compute, conversions, switches, static power
  std::int64_t load = 0;           ///< picoseconds of work per request
};

struct ChannelUse {
  std::string name;
  std::int64_t busy = 0;   ///< picoseconds held (fifo), or bytes / bandwidth (fair)
  std::int64_t bytes = 0;  ///< payload of the whole execution
  double utilisation = 0;  ///< busy / makespan
};

/// How the requests of one network fared.
struct NetworkResult {
  std::string name;
  std::int64_t requests = 0;  ///< asked for, bursts included
  std::int64_t unfinished = 0;
  std::int64_t deadline_misses = 0;
  std::int64_t latency_mean = 0, latency_p50 = 0, latency_p95 = 0, latency_p99 = 0;  ///< ps
};

/// A task on the critical path of the slowest request, in order of time.
struct CriticalStep {
  std::int32_t task = 0;    ///< canonical position
  std::int64_t waited = 0;  ///< picoseconds between being ready and starting
  std::int64_t start = 0;
  std::int64_t end = 0;
};

/// How executing a plan turned out, in simulation or on real hardware.
struct Outcome {
  Score score;
  std::string infeasible;  ///< why the plan cannot be executed, in the user's words; else empty
  std::vector<std::int64_t> latencies;  ///< picoseconds, by network and request; -1: unfinished
  std::string stall;  ///< what waited for what when nothing could happen any more; else empty
  std::vector<NetworkResult> networks;
  LatencySplit latency;
  EnergySplit energy;
  std::vector<DeviceUse> devices;
  std::vector<ChannelUse> channels;
  std::vector<CriticalStep> critical_path;
  std::int64_t events = 0;
  std::string fingerprint;  ///< hash of all events in order; such as "53de-64a7-0b1c-9f02"
  Timeline timeline;        ///< empty unless asked for
};

}  // namespace models
