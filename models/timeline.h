#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/units.h"

namespace models {

/// Everything that happened during one execution, self-contained: it can be drawn and checked
/// without the problem it came from.
struct Timeline {
  struct Device {
    std::string name;
    int slots = 1;
    std::int64_t capacity = 0;     ///< bytes
    std::int64_t weights = 0;      ///< bytes
    std::int64_t per_request = 0;  ///< bytes held by every admitted request
    std::int64_t switch_time = 0;  ///< picoseconds
  };
  struct Channel {
    std::string name;
    bool fair = false;
    double bandwidth = 0;  ///< bytes per second as planned
  };
  enum class Kind : std::uint8_t { compute, convert, transfer };
  /// What is the same for every request. The index is the canonical position.
  struct Task {
    Kind kind = Kind::compute;
    std::string name;           ///< of the operator or tensor
    std::string format;         ///< computed in; "fp32>int8" of a conversion; sent as
    int device = 0;             ///< of a transfer: the sender
    int target = -1;            ///< of a transfer: the receiver
    std::vector<int> channels;  ///< of a transfer
    std::vector<int> reads;     ///< tasks whose results it reads
    std::int64_t duration = 0;  ///< picoseconds of work; fifo transfers: of holding links
    std::int64_t latency = 0;   ///< picoseconds, of a transfer
    std::int64_t bytes = 0;     ///< payload of a transfer
    bool switches = false;      ///< has a compute precision (takes part in precision switching)
    bool to_sink = false;       ///< a request completes when all of these have ended
  };
  /// One task of one request as it happened.
  struct Record {
    std::int32_t request = 0;
    std::int32_t task = 0;
    std::int32_t slot = 0;      ///< of compute and convert
    std::int64_t ready = 0;     ///< all it reads was present (and the request admitted)
    std::int64_t start = 0;     ///< took its slot or its links (fair: entered its latency)
    std::int64_t work = 0;      ///< after a precision switch or a fair transfer's latency
    std::int64_t released = 0;  ///< gave its slot or links back
    std::int64_t end = 0;       ///< its result is present; of a fifo transfer: released + latency
  };
  /// A fair flow got a new rate.
  struct Rate {
    std::int32_t request = 0;
    std::int32_t task = 0;
    std::int64_t when = 0;        ///< whole picoseconds ...
    double fraction = 0;          ///< ... plus a part in [0, 1)
    double bytes_per_second = 0;  ///< 0 when it ends
  };
  struct Request {
    std::int64_t arrival = 0;
    std::int64_t admitted = 0;
    std::int64_t completed = 0;
  };

  bool strict = true;
  double jitter = 0;  ///< as Workload::jitter, with its shape and seed:
  bool jitter_exponential = false;
  std::int64_t jitter_seed = 1;
  std::vector<Device> devices;
  std::vector<Channel> channels;
  std::vector<Task> tasks;
  std::vector<Record> records;  ///< in the order in which they started
  std::vector<Rate> rates;
  std::vector<Request> requests;
};

}  // namespace models
