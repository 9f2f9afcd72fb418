#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/histogram.h"
#include "models/problem.h"

namespace sim {

struct Job;

/// What an execution leaves behind for scoring, whichever engine it was. Reused between plans.
struct Tally {
  /// Of one network.
  struct Stream {
    std::size_t first = 0;               ///< of its requests in `latencies`
    std::int64_t expected = 0;           ///< requests, those of bursts included
    std::int64_t completed = 0;          ///< requests
    std::int64_t deadline = 0;           ///< picoseconds; 0: none
    std::int64_t missed = 0;             ///< requests that completed after it; where not listed
    models::Histogram latencies;         ///< where not listed
    std::vector<std::int64_t> executed;  ///< [batch - 1] how often so many were executed as one
  };
  std::vector<Stream> streams;
  /// Whether each request's completion and latency is kept: up to ArrivalTimes::most_listed
  /// requests. Beyond, memory does not grow with them, and percentiles are to within 0.1 %.
  bool listed = true;
  std::vector<std::int64_t> completions;   ///< picoseconds, in no particular order
  std::vector<std::int64_t> latencies;     ///< picoseconds, by network and request; -1: unfinished
  std::int64_t halfway = 0;                ///< where not listed: when half of all had completed
  std::int64_t last_completion = 0;        ///< where not listed
  std::vector<std::int64_t> switches;      ///< [device] precision switches that were paid
  std::vector<std::int64_t> device_busy;   ///< [device] picoseconds, summed over slots
  std::vector<std::int64_t> channel_busy;  ///< [channel] picoseconds held; fair: bytes / bandwidth
  std::vector<double> lane_time;  ///< [link] lanes x picoseconds; empty: as planned all the time
  std::vector<std::int64_t> width_changes;  ///< [link]
  double lost_energy = 0;                   ///< joules of work lost by failures
  std::int64_t first_arrival = 0;
  std::int64_t last_event = 0;
  std::vector<std::int64_t> sorted;  ///< scratch

  /// One network, batches of one.
  void reset(const models::Problem& problem);
  void reset(const Job& job);
  /// A request of a network has completed.
  void complete(std::size_t stream, std::int64_t number, std::int64_t latency, std::int64_t now);
  std::int64_t expected() const;
  std::int64_t completed() const;
  std::int64_t unfinished() const { return expected() - completed(); }
  /// Latencies of a network's requests; -1: unfinished.
  std::span<const std::int64_t> of(std::size_t stream) const {
    return std::span(latencies).subspan(streams[stream].first,
                                        static_cast<std::size_t>(streams[stream].expected));
  }
};

}  // namespace sim
